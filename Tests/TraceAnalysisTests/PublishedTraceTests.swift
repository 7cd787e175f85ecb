import Foundation
import Testing
import TraceAnalysis

/// DeepSeek's published training profile, where it lies beside the repository; it carries no
/// licence and is never part of it.
@Suite("DeepSeek's training profile")
struct PublishedTraceTests {
    static let path = URL(fileURLWithPath: #filePath)
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
        .appendingPathComponent("../shared/data/profile-train.json").standardized.path

    static var isThere: Bool { FileManager.default.fileExists(atPath: path) }

    @Test(
        "gives the figures that two other programs computed",
        .enabled(
            if: isThere,
            "there is no shared/data/profile-train.json beside the repository"
        )
    )
    func figures() throws {
        let summary = try TraceAnalyzer().analyze(contentsOf: Self.path)
        #expect(summary.eventCount == 14_240)
        #expect(summary.ranks.count == 1)
        let rank = try #require(summary.ranks.first)
        let figures = rank.figures
        #expect(figures.window == 129_012)
        #expect(figures.compute == 124_338)
        #expect(figures.communication == 113_030)
        #expect(figures.overlap == 108_868)
        #expect(figures.exposedCommunication == 4_162)
        #expect(figures.busy == 128_515)
        #expect(figures.idle == 497)
        #expect(rank.communicationWait == 32_578)

        let classes = Dictionary(
            uniqueKeysWithValues: rank.classes.map { ($0.name, $0.microseconds) }
        )
        #expect(
            classes == [
                "communication": 113_030, "gemm": 75_057, "attention": 21_965, "cast": 19_307,
                "layer_norm": 3_448, "swiglu": 1_863, "rotary": 1_512, "other": 7_859,
            ]
        )
        let annotations = rank.annotations.map { "\($0.name) \(Int($0.deviceTime))" }
        #expect(
            annotations == [
                "attn(B) 37363", "combine(F) 34736", "dispatch(B) 29947", "dispatch(F) 26761",
                "combine(B) 23077", "mlp(B) 21224", "mlp(W) 20251", "mlp(F) 18415",
                "attn(F) 17479", "attn(W) 9554",
            ]
        )
        let lanes = rank.lanes.map { lane in
            [lane.busy, lane.idle.host, lane.idle.kernel, lane.idle.other].map { Int($0) }
        }
        #expect(rank.lanes.map(\.name) == ["7", "23", "27"])
        #expect(
            lanes == [
                [118_193, 417, 1_797, 8_130], [11_355, 82_308, 13, 4_900],
                [114_521, 1_107, 131, 10_756],
            ]
        )
    }

    @Test(
        "communication by stream instead of by name is a rule away",
        .enabled(
            if: isThere,
            "there is no shared/data/profile-train.json beside the repository"
        )
    )
    func byStream() throws {
        let text = """
            {"classes": [{"class": "communication", "stream": 27},
                         {"class": "rest", "category": "kernel"}]}
            """
        let rules = try AnalysisRules(json: Data(text.utf8))
        let figures = try TraceAnalyzer(rules: rules).analyze(contentsOf: Self.path).figures
        #expect(figures.communication == 114_521)
        #expect(figures.compute == 124_258)
        #expect(figures.overlap == 110_279)
    }
}
