import Foundation
import InfraCore
import Testing
import TraceAnalysis
import Traces

@Suite("Reading traces of any size and shape")
struct ReadingTests {
    private func failure(_ file: TraceFile) -> TraceError? {
        #expect(throws: TraceError.self) { try TraceAnalyzer().analyze(contentsOf: file.path) }
    }

    @Test("every proper beginning of a trace is cut off at its last byte")
    func truncated() throws {
        let bytes = Array(SmallTrace.text.utf8)
        // Only the newline after the last brace may be missing.
        for count in stride(from: 0, through: bytes.count - 2, by: 1) {
            let file = try TraceFile(bytes: Array(bytes[..<count]))
            do {
                _ = try TraceAnalyzer().analyze(contentsOf: file.path)
                Issue.record("\(count) bytes were accepted")
            } catch let error as TraceError {
                #expect(error.code == .truncatedFile, "\(count): \(error)")
                #expect(error.message.contains("ends at byte \(count);"), "\(error)")
            }
        }
    }

    @Test("a compressed file that is cut off or damaged names the byte of the file")
    func damagedGzip() throws {
        let bytes = Gzip.member(Array(SmallTrace.text.utf8))
        for count in [2, 9, 12, 600, bytes.count - 8, bytes.count - 1] {
            let error = failure(try TraceFile(bytes: Array(bytes[..<count])))
            #expect(error?.code == .truncatedFile)
            #expect(
                error?.message.contains("ends at byte \(count) of the compressed file") == true
            )
        }
        var damaged = bytes
        damaged[500] ^= 1
        let error = failure(try TraceFile(bytes: damaged))
        #expect(error?.code == .malformedFile)
        #expect(error?.message.contains("incorrect data check") == true, "\(error?.message ?? "")")
    }

    @Test(
        "what is no trace says which byte is wrong and what was expected there",
        arguments: [
            ("hello", "byte 0 is \"h\"; expected { or [ at the start of a trace"),
            ("  3", "byte 2 is \"3\"; expected { or ["),
            ("{}", "ends at byte 2 without a list named traceEvents"),
            (#"{"a": 1}"#, "ends at byte 8 without a list named traceEvents"),
            (#"{"traceEvents": {}}"#, "byte 16 is \"{\"; expected [ after traceEvents"),
            (#"{"traceEvents" []}"#, "byte 15 is \"[\"; expected a colon"),
            (#"{"traceEvents": []]"#, "byte 18 is \"]\"; expected a comma or }"),
            (#"{traceEvents: []}"#, "byte 1 is \"t\"; expected a key in quotes"),
            ("[3]", "byte 1 is \"3\"; expected an object"),
            (#"[{"ph": "X"} {"#, "byte 13 is \"{\"; expected a comma or ] after an event"),
            (#"[{"ph": 3}]"#, "byte 8 is \"3\"; expected a text"),
            (#"[{"ts": "x"}]"#, "byte 8 is \"\"\"; expected a number"),
            (#"[{"ts": 12345678901234567890}]"#, "byte 8 is \"1\"; expected a time below"),
            (#"[{"ts": 1e300}]"#, "byte 8 is \"1\"; expected a time below"),
            (#"[{"name": }]"#, "byte 10 is \"}\"; expected a value"),
            ("[] x", "byte 3 is \"x\"; expected the end of the file"),
            ("\u{1}", "byte 0 is 0x1; expected {"),
        ]
    )
    func malformed(_ text: String, _ expected: String) throws {
        let error = failure(try TraceFile(text))
        #expect(error?.code == .malformedFile)
        #expect(error?.message.contains(expected) == true, "\(error?.message ?? "")")
    }

    @Test(
        "a file that is not there, or a folder, is a file failure",
        arguments: ["/nowhere", "/tmp"]
    )
    func noFile(_ path: String) {
        let error = #expect(throws: TraceError.self) {
            try TraceAnalyzer().analyze(contentsOf: path)
        }
        #expect(error?.code == .fileFailure)
        #expect(error?.message.contains("trace file \(path): ") == true)
    }

    @Test(
        "a trace in which no rank works says what it has and what was looked for",
        arguments: [
            "[]", #"{"traceEvents": []}"#,
            #"[{"ph": "X", "cat": "cpu_op", "name": "a", "ts": 1, "dur": 1}]"#,
        ]
    )
    func nothing(_ text: String) throws {
        let file = try TraceFile(text)
        let error = #expect(throws: TraceAnalysisError.self) {
            try TraceAnalyzer().analyze(contentsOf: file.path)
        }
        #expect(error?.code == .noSpans)
        #expect(error?.message.contains("expected spans of category kernel") == true)
    }

    @Test("many windows of text, events of odd lengths across their borders")
    func windows() throws {
        // Kernel i runs in [10 i, 10 i + 4): no rounding, no overlap.
        let count = 30_000
        var text = "[\n"
        for index in 0..<count {
            let padding = String(repeating: "\\\"x", count: index % 61)
            text += index == 0 ? "" : ",\n"
            text += """
                {"name":"k\(index % 7)", "note": "\(padding)", "cat":"kernel", "ph":"X", "pid":0, \
                "tid":1, "ts":\(index * 10), "dur":4.000, "args": {"stream": 1, "n": [[], {}]}}
                """
        }
        text += "]"
        let file = try TraceFile(text)
        let summary = try TraceAnalyzer().analyze(contentsOf: file.path)
        #expect(summary.eventCount == count)
        #expect(summary.byteCount == text.utf8.count)
        #expect(summary.figures.compute == Double(4 * count))
        #expect(summary.figures.window == Double(10 * count - 6))
        #expect(summary.ranks[0].lanes[0].spanCount == count)
    }

    @Test("header values larger than the window are passed over, before and after the events")
    func largeHeader() throws {
        let item = #"{"a": "]}", "b": [1, 2.5e3, true, null]}"#
        let list = "[" + Array(repeating: item, count: 40_000).joined(separator: ", ") + "]"
        let event = #"{"ph":"X","cat":"kernel","name":"k","pid":0,"tid":1,"ts":5,"dur":2}"#
        let file = try TraceFile(#"{"x": \#(list), "traceEvents": [\#(event)], "y": \#(list)}"#)
        let summary = try TraceAnalyzer().analyze(contentsOf: file.path)
        #expect(summary.figures.compute == 2)
    }

    @Test("an event longer than the window is read, one beyond 64 MiB refused")
    func largeEvent() throws {
        func trace(_ length: Int) -> [UInt8] {
            Array(#"[{"ph":"X","cat":"kernel","pid":0,"ts":5,"dur":2,"args":{"x":""#.utf8)
                + [UInt8](repeating: UInt8(ascii: "x"), count: length) + Array(#""}}]"#.utf8)
        }
        let fits = try TraceFile(bytes: trace(5 << 20))
        #expect(try TraceAnalyzer().analyze(contentsOf: fits.path).figures.compute == 2)
        let error = failure(try TraceFile(bytes: trace(65 << 20)))
        #expect(error?.code == .malformedFile)
        #expect(error?.message.contains("byte 1 is longer than 64 MiB") == true)
    }

    @Test(
        "times since 1970 keep their nanoseconds; exponents and null are understood",
        arguments: [
            ("1740461679470813.125", "2.875", 2.875),
            ("1740461679470813", "0.0004", 0),
            ("-5.5", "1.9996", 2),
            ("1e3", "2.5E1", 25),
            ("0", "null", 0),
        ]
    )
    func times(_ start: String, _ duration: String, _ expected: Double) throws {
        let file = try TraceFile(
            """
            [{"ph":"X","cat":"kernel","name":"k","pid":0,"tid":1,"ts":\(start),"dur":\(duration)}]
            """
        )
        #expect(try TraceAnalyzer().analyze(contentsOf: file.path).figures.window == expected)
    }

    @Test("names spelt with escapes are the same names")
    func escapes() throws {
        let file = try TraceFile(
            #"""
            [{"ph":"X","cat":"kernel","name":"swi\u0067lu","pid":0,"tid":1,"ts":0,"dur":3},
             {"ph":"X","cat":"ker\u006eel","name":"swiglu","pid":0,"tid":1,"ts":9,"dur":4}]
            """#
        )
        let rank = try TraceAnalyzer().analyze(contentsOf: file.path).ranks[0]
        #expect(rank.classes.map { "\($0.name) \($0.microseconds)" } == ["swiglu 7.0"])
    }

    @Test("several devices in one trace are several ranks")
    func devices() throws {
        let file = try TraceFile(
            """
            [{"ph":"X","cat":"kernel","name":"k","pid":1,"tid":7,"ts":0,"dur":3},
             {"ph":"X","cat":"kernel","name":"ncclDevKernel_AllReduce","pid":0,"tid":7,"ts":9,"dur":4}]
            """
        )
        let ranks = try TraceAnalyzer().analyze(contentsOf: file.path).ranks
        #expect(ranks.map(\.label) == ["device 1", "device 0"])
        #expect(ranks.map(\.figures.compute) == [3, 0])
        #expect(ranks.map(\.figures.communication) == [0, 4])
    }
}
