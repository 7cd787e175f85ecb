import Foundation
import InfraCore
import Synchronization
import Testing
import Traces

@Suite("Chrome trace files")
struct ChromeTraceTests {
    @Test("number and text ids, whole and fractional times, and unknown keys are read")
    func reads() throws {
        let text = #"""
            {"schemaVersion": 1, "traceEvents": [
              {"ph": "X", "cat": "kernel", "name": "gemm", "pid": 0, "tid": 7, "ts": 100, "dur": 25,
               "args": {"grid": [112, 1, 1], "occupancy": 0.5, "name": null, "ok": true}},
              {"ph": "X", "name": "Iteration", "pid": "Spans", "tid": "PyTorch Profiler",
               "ts": 100.25, "dur": 1.5},
              {"ph": "s", "id": 42, "pid": 0, "tid": 7, "ts": 1, "name": "ac2g"},
              {"ph": "M", "name": "process_name", "pid": 0, "args": {"name": "python"}}
            ], "traceName": "t.json"}
            """#
        let trace = try ChromeTrace(json: Data(text.utf8))
        #expect(trace.properties == ["schemaVersion": 1, "traceName": "t.json"])
        #expect(trace.events.count == 4)
        let gemm = trace.events[0]
        #expect(gemm.process == .number(0) && gemm.thread == .number(7))
        #expect(gemm.kind == .span && gemm.category == "kernel")
        #expect(gemm.endMicroseconds == 125)
        #expect(
            gemm.arguments == [
                "grid": .array([112, 1, 1]), "occupancy": 0.5, "name": .null, "ok": true,
            ]
        )
        let iteration = trace.events[1]
        #expect(iteration.process == "Spans" && iteration.thread == "PyTorch Profiler")
        #expect(iteration.timestampMicroseconds == 100.25)
        #expect(trace.events[2].id == 42 && trace.events[2].kind == .flowStart)
        #expect(trace.events[2].durationMicroseconds == nil)
        #expect(trace.events[3].thread == 0 && trace.events[3].kind == .metadata)
    }

    @Test("a bare array of events is a trace too")
    func bareArray() throws {
        let trace = try ChromeTrace(json: Data("\n [{\"ph\":\"i\",\"ts\":3}]".utf8))
        #expect(trace.events.map(\.timestampMicroseconds) == [3])
        #expect(trace.events[0].name == "")
    }

    @Test("what is written is read back unchanged, from a file too")
    func roundTrip() throws {
        let recorder = TraceRecorder(clock: TraceClock { 2_500 })
        recorder.nameProcess(1, "pipeline", sortIndex: 3)
        recorder.nameThread(process: 1, thread: "rank", "rank 0")
        recorder.span(
            "F0 chunk 3",
            category: "F",
            process: 1,
            thread: "rank",
            from: 1_000,
            to: 2_750,
            arguments: ["chunk": 3, "text": "a \"quoted\" / line\n"]
        )
        recorder.counter("memory", process: 1, values: ["bytes": 12.5])
        recorder.instant("start", process: 1, thread: 0)
        var trace = recorder.trace()
        trace.properties["displayTimeUnit"] = "ns"
        let path = NSTemporaryDirectory() + "trace-\(UUID().uuidString).json"
        defer { try? FileManager.default.removeItem(atPath: path) }
        try trace.write(to: path)
        let read = try ChromeTrace(contentsOf: path)
        #expect(read == trace)
        let span = try #require(read.events.first { $0.kind == .span })
        #expect(span.timestampMicroseconds == 1 && span.durationMicroseconds == 1.75)
        let metadata = read.events.filter { $0.kind == .metadata }
        #expect(metadata.map(\.name) == ["process_name", "process_sort_index", "thread_name"])
        #expect(read.events.first { $0.kind == .counter }?.arguments == ["bytes": 12.5])
    }

    @Test(
        "what is no trace is refused",
        arguments: ["", "{}", "{\"traceEvents\": 3}", "[{\"ts\": 1}]", "[1, 2", "null"]
    )
    func refuses(_ text: String) throws {
        let error = try #require(throws: TraceError.self) {
            try ChromeTrace(json: Data(text.utf8))
        }
        #expect(error.code == .malformedFile)
    }

    @Test("files that cannot be read or written are named, numbers beyond JSON are refused")
    func fileErrors() throws {
        let missing = try #require(throws: TraceError.self) {
            try ChromeTrace(contentsOf: "/nonexistent/trace.json")
        }
        #expect(missing.code == .fileFailure && missing.message.contains("/nonexistent/trace.json"))
        let unwritable = try #require(throws: TraceError.self) {
            try ChromeTrace().write(to: "/nonexistent/trace.json")
        }
        #expect(unwritable.code == .fileFailure)
        let infinite = ChromeTrace(properties: ["x": .double(.infinity)])
        #expect(throws: TraceError.self) { try infinite.json() }
    }
}

@Suite("Recording")
struct TraceRecorderTests {
    @Test("threads record side by side without losing events")
    func concurrency() async {
        let recorder = TraceRecorder()
        await withTaskGroup(of: Void.self) { group in
            for thread in 0..<8 {
                group.addTask {
                    for _ in 0..<500 {
                        recorder.measure("work", process: 0, thread: .number(thread)) {}
                    }
                }
            }
        }
        let events = recorder.trace().events
        #expect(events.count == 4000)
        #expect(Set(events.map(\.thread)).count == 8)
        #expect(events.allSatisfy { ($0.durationMicroseconds ?? -1) >= 0 })
    }

    @Test("beyond its limit a recorder counts what it drops")
    func limit() {
        let recorder = TraceRecorder(maximumEventCount: 2)
        for _ in 0..<5 { recorder.instant("x", process: 0, thread: 0) }
        #expect(recorder.trace().events.count == 2)
        #expect(recorder.droppedEventCount == 3)
    }

    @Test("measuring takes the clock that was passed in, and records failures too")
    func measures() {
        struct Stop: Error {}
        let ticks = Mutex<UInt64>(0)
        let recorder = TraceRecorder(
            clock: TraceClock {
                ticks.withLock {
                    $0 += 5_000
                    return $0
                }
            }
        )
        #expect(recorder.measure("a", process: 0, thread: 0) { 7 } == 7)
        #expect(throws: Stop.self) {
            try recorder.measure("b", process: 0, thread: 0) { () throws(Stop) in throw Stop() }
        }
        let events = recorder.trace().events
        #expect(events.map(\.name) == ["a", "b"])
        #expect(events.map(\.timestampMicroseconds) == [5, 15])
        #expect(events.map(\.durationMicroseconds) == [5, 5])
    }

    @Test("the monotonic clock moves on and never back")
    func monotonic() {
        let clock = TraceClock.monotonic
        let times = (0..<1000).map { _ in clock.nanoseconds }
        #expect(times == times.sorted())
        #expect(clock.nanoseconds > times[0])
    }
}
