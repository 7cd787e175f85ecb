// Records two threads of work, writes a Chrome trace, and reads it back.

import FoundationEssentials
import InfraCore
import Traces

// A clock of our own makes the output the same in every run; programs use `.monotonic`.
let recorder = TraceRecorder(clock: TraceClock { 0 })
recorder.nameProcess(0, "pipeline")
for rank in 0..<2 {
    recorder.nameThread(process: 0, thread: .number(rank), "rank \(rank)", sortIndex: rank)
    for chunk in 0..<3 {
        let start = UInt64(chunk + rank) * 10_000
        recorder.span(
            "F0 chunk \(chunk)",
            category: "F",
            process: 0,
            thread: .number(rank),
            from: start,
            to: start + 8_000,
            arguments: ["chunk": .int(chunk)]
        )
    }
}
let file = try recorder.trace().json()
let trace = try ChromeTrace(json: file)
for event in trace.events where event.kind == .span {
    print("rank \(event.thread): \(event.name)", terminator: " ")
    print("\(event.timestampMicroseconds) to \(event.endMicroseconds) us")
}
print("\(trace.events.count) events, \(recorder.droppedEventCount) dropped")
