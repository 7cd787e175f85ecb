import Foundation
import Testing
import TraceAnalysis
import Traces

@Suite("Traces without devices: each thread is a rank")
struct HostTraceTests {
    /// Two ranks as the pipeline's executor records them.
    private func trace() -> ChromeTrace {
        let recorder = TraceRecorder()
        func span(_ name: String, _ category: String, _ rank: Int, _ start: UInt64, _ end: UInt64) {
            recorder.span(
                name,
                category: category,
                process: 0,
                thread: .number(rank),
                from: start * 1000,
                to: end * 1000
            )
        }
        // Recorded in the order of their ends, as it happens.
        span("receive from rank 1", "communication", 0, 0, 30)
        span("send to rank 1", "communication", 0, 90, 95)
        span("F0 chunk 3", "F", 0, 0, 100)
        span("F0 chunk 1 & B1 chunk 0", "F&B", 1, 50, 130)
        span("W1 chunk 0", "W", 1, 140, 150)
        recorder.nameThread(process: 0, thread: 1, "rank 1")
        return recorder.trace()
    }

    @Test("a moment belongs to the innermost span: a rank that waits does not compute")
    func nested() throws {
        let rank = try TraceAnalyzer().analyze(trace()).ranks[0]
        #expect(rank.label == "thread 0")
        #expect(rank.figures.compute == 65)
        #expect(rank.figures.communication == 35)
        #expect(rank.figures.overlap == 0)
        #expect(rank.figures.busy == 100)
        #expect(rank.communicationWait == 30)
        #expect(rank.communicationData == 5)
        #expect(rank.exposedPieces.map(\.duration) == [30, 5])
    }

    @Test("ranks of one process share the window, so bubbles at its ends are idle time")
    func sharedWindow() throws {
        let summary = try TraceAnalyzer().analyze(trace())
        #expect(summary.ranks.map(\.figures.window) == [150, 150])
        #expect(summary.ranks.map(\.figures.idle) == [50, 60])
        #expect(summary.ranks[1].label == "rank 1")
        #expect(summary.ranks[1].classes.map(\.name) == ["weight gradient", "forward & backward"])
        #expect(summary.figures.window == 300)
        #expect(summary.figures.idle == 110)
    }

    @Test("the overlap table has a row for each rank and one for all")
    func table() throws {
        let table = OverlapTable(try TraceAnalyzer().analyze(trace()))
        #expect(table.rows.map(\.first) == ["thread 0", "rank 1", "all"])
        #expect(
            table.rows[0] == [
                "thread 0", "0.150", "43.33%", "23.33%", "0.00%", "23.33%", "33.33%", "0.00%",
            ]
        )
        #expect(table.rows[1].last == "-")
        #expect(table.html.contains("<td>43.33%</td>"))
        #expect(table.text.split(separator: "\n").count == 5)
    }

    @Test("spans that overlap without nesting are cut where the later one begins")
    func crossing() throws {
        let file = try TraceFile(
            """
            [{"ph": "X", "cat": "F", "name": "a", "pid": "p", "tid": "t", "ts": 0, "dur": 10.5},
             {"ph": "X", "cat": "communication", "name": "b", "pid": "p", "tid": "t", "ts": 4.25, "dur": 9.75}]
            """
        )
        let figures = try TraceAnalyzer().analyze(contentsOf: file.path).figures
        #expect(figures.window == 14)
        #expect(figures.compute == 4.25)
        #expect(figures.communication == 9.75)
    }
}
