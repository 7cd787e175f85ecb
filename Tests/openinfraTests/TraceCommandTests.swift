import Foundation
import Testing

@Suite("openinfra trace analyze")
struct TraceCommandTests {
    private struct Summary: Decodable {
        var window_us: Double
        var compute_us: Double
        var communication_us: Double
        var overlap_us: Double
        var exposed_communication_us: Double
        var idle_us: Double
        var kernel_classes: [String: Double]
        var annotations: [String: Double]
        var rank_count: Int
    }

    /// A gemm on stream 7 in [0, 100), communication on stream 20 in [60, 130), idle until 150,
    /// then 10 of something; the gemm was launched in `layer`.
    private static let trace = """
        {"traceEvents": [
          {"ph":"X","cat":"user_annotation","name":"layer","pid":9,"tid":9,"ts":990,"dur":5},
          {"ph":"X","cat":"cuda_runtime","name":"cudaLaunchKernel","pid":9,"tid":9,"ts":992,"dur":1,"args":{"correlation":1}},
          {"ph":"X","cat":"kernel","name":"GemmKernel","pid":0,"tid":7,"ts":1000,"dur":100,"args":{"stream":7,"correlation":1}},
          {"ph":"X","cat":"kernel","name":"ncclDevKernel_AllReduce","pid":0,"tid":20,"ts":1060,"dur":70,"args":{"stream":20}},
          {"ph":"X","cat":"kernel","name":"own","pid":0,"tid":7,"ts":1150,"dur":10,"args":{"stream":7}}
        ]}
        """

    @Test("--json prints the figures, flat")
    func json() throws {
        let folder = try TemporaryFolder()
        let file = try folder.write(Self.trace, to: "trace.json")
        let run = try ProgramRun(["trace", "analyze", file, "--json"])
        #expect(run.exitCode == 0, "\(run)")
        let summary = try run.decode(Summary.self)
        #expect(summary.window_us == 160)
        #expect(summary.compute_us == 110)
        #expect(summary.communication_us == 70)
        #expect(summary.overlap_us == 40)
        #expect(summary.exposed_communication_us == 30)
        #expect(summary.idle_us == 20)
        #expect(summary.kernel_classes == ["gemm": 100, "communication": 70, "other": 10])
        #expect(summary.annotations == ["layer": 100])
        #expect(summary.rank_count == 1)
    }

    @Test("without --json a table is printed; gzip is recognised; --html writes a page")
    func table() throws {
        let folder = try TemporaryFolder()
        let file = try folder.write(Self.trace, to: "trace.json")
        let plain = try ProgramRun(["trace", "analyze", file])
        #expect(plain.exitCode == 0, "\(plain)")
        #expect(plain.standardOutput.contains("57.14%"), "\(plain)")
        let page = folder.file("report.html").path
        let packed = try ProgramRun(
            shell: "gzip trace.json && $openinfra trace analyze trace.json.gz --html report.html",
            directory: folder.path
        )
        #expect(packed.exitCode == 0, "\(packed)")
        #expect(packed.standardOutput == plain.standardOutput)
        #expect(try String(contentsOfFile: page, encoding: .utf8).contains("57.14%"))
    }

    @Test("--rules classifies otherwise")
    func rules() throws {
        let folder = try TemporaryFolder()
        let file = try folder.write(Self.trace, to: "trace.json")
        let rules = try folder.write(
            #"{"classes": [{"class": "mine", "regex": "^own$"}]}"#,
            to: "rules.json"
        )
        let run = try ProgramRun(["trace", "analyze", file, "--rules", rules, "--json"])
        #expect(try run.decode(Summary.self).kernel_classes["mine"] == 10, "\(run)")
    }

    @Test(
        "what cannot be analysed ends in exit code 1 and one line that says where",
        arguments: [
            (String(trace.prefix(400)), "ends at byte 400; expected"),
            ("no trace", "byte 0 is \"n\"; expected"),
            (#"{"a": 1}"#, "ends at byte 8 without a list named traceEvents"),
            ("[]", "none is work of a rank"),
        ]
    )
    func failures(_ text: String, _ expected: String) throws {
        let folder = try TemporaryFolder()
        let file = try folder.write(text, to: "trace.json")
        let run = try ProgramRun(["trace", "analyze", file, "--json"])
        #expect(run.exitCode == 1, "\(run)")
        #expect(run.standardOutput.isEmpty)
        #expect(run.errorLines.count == 1)
        #expect(run.standardError.contains(expected), "\(run)")
    }

    @Test("rules that are wrong are wrong usage: exit code 64")
    func wrongRules() throws {
        let folder = try TemporaryFolder()
        let file = try folder.write(Self.trace, to: "trace.json")
        let rules = try folder.write(#"{"classes": [{"class": "x"}]}"#, to: "rules.json")
        let run = try ProgramRun(["trace", "analyze", file, "--rules", rules])
        #expect(run.exitCode == 64, "\(run)")
        #expect(run.errorLines.count == 1)
        #expect(run.standardError.contains("classes[0] has no condition"), "\(run)")
    }

    @Test("a trace larger than the memory it may take passes through")
    func boundedMemory() throws {
        let folder = try TemporaryFolder()
        let path = folder.file("large.json").path
        #expect(FileManager.default.createFile(atPath: path, contents: nil))
        let file = try #require(FileHandle(forWritingAtPath: path))
        // Operators of the host, which the analysis drops, around one kernel.
        let line =
            #"{"ph":"X","cat":"cpu_op","name":"aten::linear","pid":1,"tid":1,"ts":1.5,"dur":2,"args":{"External id":7}},"#
        let block = Data(String(repeating: line + "\n", count: 20_000).utf8)
        file.write(Data("[".utf8))
        var byteCount = 0
        while byteCount < 200 << 20 {
            file.write(block)
            byteCount += block.count
        }
        file.write(
            Data(#"{"ph":"X","cat":"kernel","name":"k","pid":0,"tid":1,"ts":5,"dur":2}]"#.utf8)
        )
        try file.close()
        let run = try ProgramRun(
            shell: "ulimit -d 100000; $openinfra trace analyze large.json --json",
            directory: folder.path
        )
        #expect(run.exitCode == 0, "\(run)")
        #expect(try run.decode(Summary.self).compute_us == 2)
    }
}
