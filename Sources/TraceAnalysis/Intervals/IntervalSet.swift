/// A half-open stretch of time, `[start, end)`, in nanoseconds.
package struct Interval: Hashable {
    package var start: Int64
    package var end: Int64

    package init(start: Int64, end: Int64) {
        self.start = start
        self.end = end
    }

    package var length: Int64 { end - start }
}

/// The moments in which something was going on: sorted intervals that neither touch nor overlap.
package struct IntervalSet: Hashable {
    package private(set) var intervals: [Interval]

    /// The union of intervals in any order. Those of no length add nothing.
    ///
    /// O(n log n); O(n) comparisons if they come sorted.
    package init(_ unsorted: [Interval]) {
        let isSorted = zip(unsorted, unsorted.dropFirst()).allSatisfy { $0.start <= $1.start }
        let sorted = isSorted ? unsorted : unsorted.sorted { $0.start < $1.start }
        intervals = []
        for interval in sorted where interval.end > interval.start {
            if let last = intervals.last, interval.start <= last.end {
                intervals[intervals.count - 1].end = max(last.end, interval.end)
            } else {
                intervals.append(interval)
            }
        }
    }

    /// How long something was going on.
    package var length: Int64 { intervals.reduce(0) { $0 + $1.length } }

    /// The moments that both sets have.
    package func intersection(_ other: IntervalSet) -> IntervalSet {
        var result: [Interval] = []
        var (own, their) = (0, 0)
        while own < intervals.count, their < other.intervals.count {
            let (first, second) = (intervals[own], other.intervals[their])
            let start = max(first.start, second.start)
            let end = min(first.end, second.end)
            if start < end { result.append(Interval(start: start, end: end)) }
            if first.end < second.end { own += 1 } else { their += 1 }
        }
        return IntervalSet(result)
    }

    /// The moments that this set has and the other has not.
    package func subtracting(_ other: IntervalSet) -> IntervalSet {
        var result: [Interval] = []
        var index = 0
        for interval in intervals {
            var start = interval.start
            while index < other.intervals.count, other.intervals[index].end <= start { index += 1 }
            var next = index
            while next < other.intervals.count, other.intervals[next].start < interval.end {
                let hole = other.intervals[next]
                if hole.start > start {
                    result.append(Interval(start: start, end: hole.start))
                }
                start = max(start, hole.end)
                next += 1
            }
            if start < interval.end { result.append(Interval(start: start, end: interval.end)) }
        }
        return IntervalSet(result)
    }
}
