/// Nested spans of a thread, as stretches in which one of them is the innermost.
///
/// A thread does one thing at a time: while an operation waits for a message in a span of its own,
/// the operation does not compute. So each moment belongs to the span that began last.
enum InnermostSegments {
    /// Cuts the spans of one thread.
    ///
    /// - Parameter spans: In any order. Spans that overlap without nesting count up to where the
    ///   later one begins, and again after its end.
    /// - Returns: Index of the span and interval, in time order.
    static func cut(_ spans: [HostSpan]) -> [(index: Int, interval: Interval)] {
        let order = spans.indices.sorted {
            let (first, second) = (spans[$0], spans[$1])
            if first.start != second.start { return first.start < second.start }
            return first.end > second.end
        }
        var result: [(index: Int, interval: Interval)] = []
        var open: [Int] = []
        var now = Int64.min
        func run(_ index: Int, until end: Int64) {
            if end > now { result.append((index, Interval(start: now, end: end))) }
            now = max(now, end)
        }
        for index in order {
            let span = spans[index]
            while let top = open.last, spans[top].end <= span.start {
                run(top, until: spans[top].end)
                open.removeLast()
            }
            if let top = open.last { run(top, until: span.start) }
            now = max(now, span.start)
            open.append(index)
        }
        while let top = open.popLast() { run(top, until: spans[top].end) }
        return result
    }
}
