// Two ranks of a pipeline are recorded; how much of their communication is exposed?

import TraceAnalysis
import Traces

// Each rank forwards two chunks. Rank 1 waits for what rank 0 sends; times in microseconds.
let recorder = TraceRecorder()
func record(_ name: String, _ category: String, rank: Int, from start: UInt64, to end: UInt64) {
    recorder.span(
        name,
        category: category,
        process: 0,
        thread: .number(rank),
        from: start * 1000,
        to: end * 1000
    )
}
for chunk in 0..<2 {
    let start = UInt64(chunk) * 100
    record("F0 chunk \(chunk)", "F", rank: 0, from: start, to: start + 100)
    record("send to rank 1", "communication", rank: 0, from: start + 90, to: start + 100)
    record("F1 chunk \(chunk)", "F", rank: 1, from: start + 60, to: start + 160)
    record("receive from rank 0", "communication", rank: 1, from: start + 60, to: start + 100)
}
for rank in 0..<2 {
    recorder.nameThread(process: 0, thread: .number(rank), "rank \(rank)", sortIndex: rank)
}

let summary = try TraceAnalyzer().analyze(recorder.trace())
print(OverlapTable(summary).text)
for rank in summary.ranks {
    print("\(rank.label): longest exposed piece \(rank.exposedPieces.first?.duration ?? 0) us")
}
