import Foundation
import Testing

@Suite("openinfra dualpipe")
struct DualPipeCommandTests {
    private func run(_ arguments: String...) throws -> ProgramRun {
        try ProgramRun(["dualpipe"] + arguments)
    }

    private func object(_ run: ProgramRun) throws -> [String: Any] {
        let value = try JSONSerialization.jsonObject(with: Data(run.standardOutput.utf8))
        return try #require(value as? [String: Any])
    }

    @Test("schedule prints ops, makespan, bubble and peaks as JSON")
    func scheduleJSON() throws {
        let result = try run(
            "schedule",
            "--kind",
            "dualpipe",
            "--ranks",
            "8",
            "--chunks",
            "20",
            "--forward",
            "1",
            "--backward",
            "2",
            "--weight",
            "1",
            "--overlapped",
            "3",
            "--json"
        )
        #expect(result.exitCode == 0 && result.standardError.isEmpty)
        let report = try object(result)
        #expect(report["makespan"] as? Double == 66)
        #expect(report["bubble"] as? Double == 6)
        #expect(report["peakActivations"] as? [Int] == Array(repeating: 9, count: 8))
        let ranks = try #require(report["ranks"] as? [[String: Any]])
        #expect(ranks.count == 8)
        let ops = try #require(ranks[0]["ops"] as? [[String: Any]])
        #expect(ops[3]["kind"] as? String == "F")
        #expect(ops[3]["phase"] as? Int == 0)
        #expect(ops[3]["chunk"] as? Int == 3)
        #expect(ops[3]["start"] as? Double == 3)
        #expect(ops[3]["end"] as? Double == 4)
        #expect(ops.contains { $0["kind"] as? String == "F&B" })
    }

    @Test(
        "the other kinds' figures",
        arguments: [("1f1b", 8, 21.0), ("zb1p", 8, 7), ("dualpipev", 4, 6)]
    )
    func bubbles(_ kind: String, _ ranks: Int, _ bubble: Double) throws {
        let report = try object(
            run(
                "schedule",
                "--kind",
                kind,
                "--ranks",
                "\(ranks)",
                "--chunks",
                "20",
                "--json"
            )
        )
        #expect(report["bubble"] as? Double == bubble)
        #expect(report["formulaBubble"] as? Double == bubble)
    }

    @Test("schedule prints a table and draws a picture")
    func scheduleTable() throws {
        let path = NSTemporaryDirectory() + UUID().uuidString + ".svg"
        defer { try? FileManager.default.removeItem(atPath: path) }
        let result = try run(
            "schedule",
            "--kind",
            "zb1p",
            "--ranks",
            "4",
            "--chunks",
            "8",
            "--svg",
            path
        )
        #expect(result.exitCode == 0)
        #expect(result.standardOutput.contains("zb1p: 4 ranks, 4 stages, 8 chunks"))
        #expect(result.standardOutput.contains("makespan 27.0, bubble 3.0"))
        #expect(try String(contentsOfFile: path, encoding: .utf8).hasPrefix("<svg "))
    }

    @Test(
        "wrong usage is one line on stderr and exit code 64",
        arguments: [
            (
                ["schedule", "--kind", "dualpipe", "--ranks", "8", "--chunks", "10"],
                "--chunks is 10; dualpipe with 8 ranks needs an even count of at least 16"
            ),
            (
                ["run", "--kind", "dualpipev", "--ranks", "2", "--chunks", "3"],
                "--chunks is 3; dualpipev with 2 ranks needs at least 4"
            ),
            (
                ["schedule", "--kind", "dualpipe", "--ranks", "3", "--chunks", "10"],
                "--ranks is 3; dualpipe needs an even count of at least 2"
            ),
            (
                ["schedule", "--ranks", "2", "--chunks", "4", "--weight", "5"],
                "--backward is 2.0; it must be above weight, 5.0,"
            ),
            (["schedule", "--kind", "gpipe", "--ranks", "2", "--chunks", "4"], "gpipe"),
            (
                ["run", "--ranks", "2", "--chunks", "4", "--rows", "0"],
                "--rows is 0; it must be 1 to 65536"
            ),
            (
                ["run", "--ranks", "2", "--chunks", "4", "--timeout", "0"],
                "--timeout is 0; it must be 1 to 86400 seconds"
            ),
            (
                ["run", "--ranks", "2", "--chunks", "4", "--width", "65536", "--hidden", "257"],
                "--hidden is 257; times --width, 65536, it must be at most 16777216"
            ),
            (
                ["run", "--kind", "1f1b", "--ranks", "1025", "--chunks", "4"],
                "--ranks is 1025; at most 1024 can be threads"
            ),
            (
                ["run", "--kind", "1f1b", "--ranks", "65", "--chunks", "4", "--processes"],
                "--ranks is 65; at most 64 can be processes"
            ),
        ]
    )
    func usage(_ arguments: [String], _ text: String) throws {
        let result = try ProgramRun(["dualpipe"] + arguments)
        #expect(result.exitCode == 64)
        #expect(result.standardOutput.isEmpty)
        #expect(result.standardError.contains(text), "\(result)")
        #expect(result.errorLines.count == 1)
    }

    @Test("a picture or trace that cannot be written is a failure, exit code 1")
    func unwritable() throws {
        for arguments in [
            ["schedule", "--ranks", "1", "--chunks", "2", "--svg", "/nonexistent/x.svg"],
            ["run", "--ranks", "1", "--chunks", "2", "--trace", "/nonexistent/x.json"],
        ] {
            let result = try ProgramRun(["dualpipe"] + arguments)
            #expect(result.exitCode == 1)
            #expect(result.standardError.hasPrefix("openinfra: error: "))
            #expect(result.errorLines.count == 1)
        }
    }

    @Test(
        "run agrees with sequential execution, on threads and as processes",
        arguments: [[], ["--processes"]]
    )
    func agrees(_ extra: [String]) throws {
        let path = NSTemporaryDirectory() + UUID().uuidString + ".json"
        defer { try? FileManager.default.removeItem(atPath: path) }
        let result = try ProgramRun(
            ["dualpipe", "run", "--kind", "dualpipe", "--ranks", "4", "--chunks", "8"]
                + ["--width", "16", "--hidden", "16", "--trace", path, "--json"] + extra
        )
        #expect(result.exitCode == 0, "\(result)")
        let report = try object(result)
        #expect(report["lossesAreBitEqual"] as? Bool == true)
        #expect(report["evaluationLossesAreBitEqual"] as? Bool == true)
        #expect(try #require(report["gradientDifference"] as? Double) < 1e-13)
        #expect(report["transport"] as? String == (extra.isEmpty ? "threads" : "shared memory"))
        let makespan = try #require(report["makespan"] as? Double)
        #expect(makespan > 0 && makespan >= (report["bubble"] as? Double ?? .infinity))
        // No replay of the measured times is shorter than the busiest rank's work.
        let ranks = try #require(report["ranks"] as? [[String: Any]])
        let busiest = try #require(ranks.compactMap { $0["busy"] as? Double }.max())
        #expect(try #require(report["simulatedMakespan"] as? Double) >= busiest - 0.001)
        let trace = try JSONSerialization.jsonObject(with: Data(contentsOf: URL(filePath: path)))
        let events = try #require((trace as? [String: Any])?["traceEvents"] as? [[String: Any]])
        let spans = events.filter { $0["ph"] as? String == "X" }
        #expect(Set(spans.compactMap { $0["tid"] as? Int }) == [0, 1, 2, 3])
        let names = events.filter { $0["name"] as? String == "thread_name" }
            .compactMap { ($0["args"] as? [String: Any])?["name"] as? String }
        #expect(names.sorted() == ["rank 0", "rank 1", "rank 2", "rank 3"])
    }

    @Test("killing one of the processes ends the others with a clear error and exit code 1")
    func killedRank() throws {
        // Enough chunks that nothing ends by itself before the kill.
        let result = try ProgramRun(
            shell: """
                "$openinfra" dualpipe run --kind dualpipe --ranks 4 --chunks 40000 --rows 2 \
                    --processes & launcher=$!
                for i in $(seq 400); do
                    children=$(cat /proc/$launcher/task/*/children)
                    set -- $children
                    [ $# = 4 ] && break
                    sleep 0.025
                done
                sleep 0.3
                kill -9 $3
                wait $launcher
                echo "code $?"
                echo "killed $3"
                for child in $children; do kill -0 $child 2>/dev/null && echo "alive $child"; done
                true
                """
        )
        let lines = result.standardOutput.split(separator: "\n")
        #expect(lines.count == 2, "\(result)")
        #expect(lines.first == "code 1", "\(result)")
        let process = try #require(lines.last?.split(separator: " ").last)
        let errors = result.errorLines.filter { $0.hasPrefix("openinfra: error: ") }
        #expect(errors.count == 1)
        #expect(
            result.standardError.contains("(process \(process)) was killed by signal 9 (Killed)"),
            "\(result)"
        )
        #expect(result.duration < .seconds(30))
    }
}
