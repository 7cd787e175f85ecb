import Foundation
import Testing

@Suite("openinfra quickstart", .serialized)
struct QuickstartCommandTests {
    /// Text that every machine has: this test's own source, many times over.
    private static func corpus(in folder: TemporaryFolder) throws -> String {
        let source = try String(contentsOfFile: #filePath, encoding: .utf8)
        let path = folder.path + "/corpus.txt"
        try String(repeating: source, count: 60)
            .write(toFile: path, atomically: true, encoding: .utf8)
        return path
    }

    private struct Summary: Decodable {
        var steps: Int
        var resumedAfterStep: Int
        var heldOutLoss: Double
        var reloadedHeldOutLoss: Double
        var unigramEntropy: Double
        var bubbleShare: Double?
        var sample: String
        var checkpoint: String
        var report: String
        var trace: String
    }

    @Test("trains, reloads the same model, generates, and writes report and trace")
    func wholeJob() throws {
        let folder = try TemporaryFolder()
        let run = try ProgramRun([
            "quickstart", "--corpus", try Self.corpus(in: folder), "--steps", "6",
            "--out", folder.path + "/out", "--expert-ranks", "2", "--json",
        ])
        try #require(run.exitCode == 0, "\(run)")
        let summary = try run.decode(Summary.self)
        #expect(summary.steps == 6 && summary.resumedAfterStep == 0)
        #expect(abs(summary.reloadedHeldOutLoss - summary.heldOutLoss) < 1e-4)
        #expect(summary.unigramEntropy > 1)
        #expect(summary.sample.utf8.count > 100)
        #expect((summary.bubbleShare ?? 0) > 0)
        let page = try String(contentsOfFile: summary.report, encoding: .utf8)
        for part in [
            "unigram entropy", "Pipeline", "Expert load", "Expert placement",
            "Computation and communication", "Generated text", "rank 1",
        ] {
            #expect(page.contains(part), "the report lacks \(part)")
        }
        #expect(!page.contains("http://") || page.contains("http://www.w3.org/2000/svg"))
        #expect(!page.contains("https://") && !page.contains("<script"))
        let trace = try JSONSerialization.jsonObject(
            with: try Data(contentsOf: URL(filePath: summary.trace))
        )
        let events = try #require((trace as? [String: Any])?["traceEvents"] as? [[String: Any]])
        let rows = Set(events.filter { $0["ph"] as? String == "X" }.map { "\($0["tid"] ?? "")" })
        #expect(rows == ["0", "1"])
        // Plain lines where there is no terminal.
        #expect(run.standardError.contains("training"))
        #expect(!run.standardError.contains("\r"))

        let again = try ProgramRun([
            "generate", "--model", summary.checkpoint, "--prompt", "import", "--max-tokens", "5",
        ])
        #expect(again.exitCode == 0, "\(again)")
    }

    @Test("killed at any moment, it goes on from its last checkpoint to the same bits")
    func killed() throws {
        let folder = try TemporaryFolder()
        let corpus = try Self.corpus(in: folder)
        let options = "--corpus \(corpus) --steps 12 --json"
        let whole = try ProgramRun(shell: "$openinfra quickstart \(options) --out \(folder.path)/a")
        try #require(whole.exitCode == 0, "\(whole)")
        // Checkpoints come every 4 steps: the kill falls between two of them or inside one.
        let killed = try ProgramRun(
            shell: """
                $openinfra quickstart \(options) --out \(folder.path)/b >/dev/null 2>&1 &
                until [ -d \(folder.path)/b/checkpoints/step-00000004 ]; do sleep 0.02; done
                sleep 0.$((RANDOM % 8))
                kill -9 $!
                wait $!
                echo ended with $?
                """
        )
        #expect(killed.standardOutput.contains("ended with 137"), "\(killed)")
        let resumed = try ProgramRun(
            shell: "$openinfra quickstart \(options) --out \(folder.path)/b"
        )
        try #require(resumed.exitCode == 0, "\(resumed)")
        let (one, two) = (try whole.decode(Summary.self), try resumed.decode(Summary.self))
        #expect(two.resumedAfterStep == 4 || two.resumedAfterStep == 8)
        #expect(one.heldOutLoss == two.heldOutLoss)
        #expect(one.sample == two.sample)
        for file in ["model-00001-of-00002", "model-00002-of-00002", "optimizer-00001-of-00002"] {
            let name = "/checkpoints/step-00000012/\(file).safetensors"
            let first = try Data(contentsOf: URL(filePath: folder.path + "/a" + name))
            let second = try Data(contentsOf: URL(filePath: folder.path + "/b" + name))
            #expect(first == second, "\(file)")
        }
    }

    @Test(
        "wrong usage ends in exit 64 and one line that names the argument",
        arguments: [
            (["--steps", "0"], "--steps is 0; it must be at least 1"),
            (["--steps", "many"], "--steps"),
            (["--expert-ranks", "3"], "--expert-ranks is 3; the 8 experts divide over"),
            (["--out", ""], "--out is empty"),
            (["--corpus", ""], "--corpus is empty"),
        ]
    )
    func usage(arguments: [String], message: String) throws {
        let run = try ProgramRun(["quickstart"] + arguments)
        #expect(run.exitCode == 64)
        #expect(run.standardError.contains(message), "\(run)")
        #expect(run.standardError.split(separator: "\n").count == 1)
        #expect(run.standardOutput.isEmpty)
    }

    @Test("what the machine refuses ends in exit 1 and one line")
    func refusals() throws {
        let folder = try TemporaryFolder()
        let tiny = folder.path + "/tiny.txt"
        try "too little".write(toFile: tiny, atomically: true, encoding: .utf8)
        let cases = [
            (["--corpus", folder.path + "/absent"], "does not exist"),
            (["--corpus", tiny], "holds 10 bytes of text"),
            (["--out", "/proc/openinfra"], "--out /proc/openinfra cannot be prepared"),
        ]
        for (arguments, message) in cases {
            let run = try ProgramRun(["quickstart", "--steps", "1"] + arguments)
            #expect(run.exitCode == 1, "\(run)")
            #expect(run.standardError.contains(message), "\(run)")
            #expect(run.standardError.split(separator: "\n").count == 1, "\(run)")
        }
    }

    @Test("another run's folder is refused until --fresh clears it")
    func foreignFolder() throws {
        let folder = try TemporaryFolder()
        let corpus = try Self.corpus(in: folder)
        let base = ["quickstart", "--corpus", corpus, "--steps", "1", "--out", folder.path + "/o"]
        #expect(try ProgramRun(base).exitCode == 0)
        let other = try ProgramRun(base + ["--seed", "2"])
        #expect(other.exitCode == 1)
        #expect(other.standardError.contains("another set of settings"), "\(other)")
        #expect(try ProgramRun(base + ["--seed", "2", "--fresh"]).exitCode == 0)
    }
}
