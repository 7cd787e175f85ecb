import Foundation
import Testing
import TraceAnalysis
import Traces

@Suite("A trace worked out by hand")
struct SmallTraceTests {
    private func rank(_ text: String = SmallTrace.text) throws -> RankSummary {
        let file = try TraceFile(text)
        let summary = try TraceAnalyzer().analyze(contentsOf: file.path)
        return try #require(summary.ranks.first)
    }

    @Test("window, busy times, overlap, exposed and idle are lengths of unions")
    func figures() throws {
        let figures = try rank().figures
        #expect(figures.window == 310)
        #expect(figures.compute == 140)
        #expect(figures.communication == 190)
        #expect(figures.overlap == 80)
        #expect(figures.exposedCommunication == 110)
        #expect(figures.busy == 250)
        #expect(figures.idle == 60)
        #expect(figures.hiddenShare == 80.0 / 190)
    }

    @Test("durations are summed by the first class that matches; copies stand apart")
    func classes() throws {
        let rank = try rank()
        #expect(rank.label == "rank 5")
        #expect(
            rank.classes.map { "\($0.name) \($0.microseconds)" } == [
                "communication 190.0", "gemm 100.0", "attention 30.0", "other 10.0",
            ]
        )
        #expect(rank.memory == 5)
        #expect(rank.communicationData == 150)
        #expect(rank.communicationWait == 40)
    }

    @Test("a gap is host wait if launched late, kernel wait if under 30 us, else other")
    func idle() throws {
        let lanes = try rank().lanes
        #expect(lanes.map(\.name) == ["7", "20"])
        #expect(lanes.map(\.busy) == [145, 190])
        #expect(lanes.map(\.spanCount) == [4, 2])
        #expect(lanes.map(\.idle.host) == [300 - 235, 0])
        #expect(lanes.map(\.idle.kernel) == [20, 0])
        #expect(lanes.map(\.idle.other) == [80, 0])
    }

    @Test("device time belongs to the innermost annotation of the launch's process")
    func annotations() throws {
        let annotations = try rank().annotations
        #expect(
            annotations.map { "\($0.name) \($0.deviceTime) \($0.occurrenceCount)" } == [
                "layer 200.0 1", "step 50.0 1", "attn 30.0 1",
            ]
        )
    }

    @Test("exposed pieces name the communication that ran longest and what it held up")
    func pieces() throws {
        let pieces = try rank().exposedPieces
        #expect(pieces.map(\.start) == [150, 100])
        #expect(pieces.map(\.duration) == [90, 20])
        #expect(pieces.allSatisfy { $0.name.contains("dispatch") && !$0.isWait })
        #expect(pieces.map(\.annotation) == ["layer", "layer"])
        #expect(pieces.map(\.nextCompute) == ["own", "flash::forward"])
    }

    @Test("overlap is weighted by the multiprocessors that communication leaves")
    func multiprocessors() throws {
        let use = try #require(try rank().multiprocessors)
        #expect(use.count == 100)
        #expect(use.communication == 20)
        // 80 of the gemm's 100 blocks for 50 us, the 60 of flash for 30 us: 5800 in 190 us.
        #expect(use.computeDuringCommunication == 5800.0 / 190)
        #expect(use.weightedOverlap == 5800.0 / 190 / 80)
    }

    @Test("a bare array, gzip, several gzip members and a trace in memory say the same")
    func forms() throws {
        let expected = try rank()
        let bytes = Array(SmallTrace.text.utf8)
        let half = bytes.count / 2
        let files = [
            try TraceFile("\u{FEFF} \(SmallTrace.events)\n"),
            try TraceFile(bytes: Gzip.member(bytes)),
            try TraceFile(
                bytes: Gzip.member(Array(bytes[..<half])) + Gzip.member(Array(bytes[half...]))
            ),
        ]
        for file in files {
            let rank = try #require(
                try TraceAnalyzer().analyze(contentsOf: file.path).ranks.first
            )
            #expect(rank.figures == expected.figures)
            #expect(rank.classes == expected.classes)
            #expect(rank.lanes == expected.lanes)
            #expect(rank.annotations == expected.annotations)
            #expect(rank.exposedPieces == expected.exposedPieces)
        }
        let trace = try ChromeTrace(json: Data(SmallTrace.text.utf8))
        let inMemory = try #require(try TraceAnalyzer().analyze(trace).ranks.first)
        #expect(inMemory.label == "rank 5")
        #expect(inMemory.figures == expected.figures)
        #expect(inMemory.lanes == expected.lanes)
        #expect(inMemory.annotations == expected.annotations)
        #expect(inMemory.multiprocessors == expected.multiprocessors)
    }

    @Test("the JSON form has the documented keys, flat for one rank")
    func json() throws {
        let file = try TraceFile(SmallTrace.text)
        let summary = try TraceAnalyzer().analyze(contentsOf: file.path)
        let data = try JSONEncoder().encode(summary)
        let object = try #require(
            try JSONSerialization.jsonObject(with: data) as? [String: Any]
        )
        let figures = [
            "window_us": 310.0, "compute_us": 140, "communication_us": 190, "overlap_us": 80,
            "exposed_communication_us": 110, "idle_us": 60, "busy_us": 250, "memory_us": 5,
            "communication_data_us": 150, "communication_wait_us": 40,
        ]
        for (key, value) in figures { #expect(object[key] as? Double == value, "\(key)") }
        #expect(
            object["annotations"] as? [String: Double] == ["layer": 200, "step": 50, "attn": 30]
        )
        #expect((object["kernel_classes"] as? [String: Double])?["gemm"] == 100)
        #expect((object["ranks"] as? [[String: Any]])?.count == 1)
    }
}
