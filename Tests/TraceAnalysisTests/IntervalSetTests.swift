import InfraCore
import Testing
import TraceAnalysis

@Suite("Sets of intervals")
struct IntervalSetTests {
    private func intervals(_ random: inout SeededRandom, count: Int) -> [Interval] {
        (0..<count).map { _ in
            let start = Int64(random.next(upperBound: UInt64(60)))
            return Interval(start: start, end: start + Int64(random.next(upperBound: UInt64(9))))
        }
    }

    private func moments(_ intervals: [Interval]) -> Set<Int64> {
        intervals.reduce(into: []) { $0.formUnion($1.start..<$1.end) }
    }

    @Test("union, intersection and difference are those of the moments", arguments: 0..<200)
    func sets(_ seed: UInt64) {
        var random = SeededRandom(seed: seed)
        let first = intervals(&random, count: Int(seed % 13))
        let second = intervals(&random, count: Int(seed % 7))
        let (one, other) = (IntervalSet(first), IntervalSet(second))
        let (left, right) = (moments(first), moments(second))
        #expect(one.length == Int64(left.count))
        #expect(moments(one.intersection(other).intervals) == left.intersection(right))
        #expect(moments(one.subtracting(other).intervals) == left.subtracting(right))
        // Sorted, apart, and none empty.
        for (interval, next) in zip(one.intervals, one.intervals.dropFirst()) {
            #expect(interval.end < next.start)
        }
        #expect(one.intervals.allSatisfy { $0.length > 0 })
    }
}
