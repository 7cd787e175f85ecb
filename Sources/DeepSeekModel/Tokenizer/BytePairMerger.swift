/// Joins neighbouring symbols by the merge rules of a vocabulary, best rule first.
///
/// A linked list of symbols and a heap of candidates: n log n for a piece of n symbols, however
/// long (Sennrich et al., "Neural Machine Translation of Rare Words with Subword Units", 2016,
/// for the rule; ties go to the leftmost pair).
struct BytePairMerger: Sendable {
    private struct Pair: Hashable, Sendable {
        var left: Int32
        var right: Int32
    }

    private struct Rule: Sendable {
        var rank: Int32
        var result: Int32
    }

    private struct Candidate {
        var rank: Int32
        var position: Int32
        var result: Int32

        func precedes(_ other: Candidate) -> Bool {
            (rank, position) < (other.rank, other.position)
        }
    }

    private var rules: [Pair: Rule] = [:]

    /// - Parameter merges: Left, right and joined symbol of each rule, best first.
    init(_ merges: [(left: Int, right: Int, result: Int)]) {
        rules.reserveCapacity(merges.count)
        for (rank, merge) in merges.enumerated() {
            let pair = Pair(left: Int32(merge.left), right: Int32(merge.right))
            rules[pair] = Rule(rank: Int32(rank), result: Int32(merge.result))
        }
    }

    /// The symbols that are left when no rule applies any more.
    func merge(_ symbols: [Int32]) -> [Int32] {
        guard symbols.count > 1, !rules.isEmpty else { return symbols }
        var symbols = symbols
        var next = (0..<symbols.count).map { Int32($0 + 1) }
        var previous = (0..<symbols.count).map { Int32($0 - 1) }
        let end = Int32(symbols.count)
        var heap = Heap()

        func offer(_ position: Int32) {
            guard position >= 0, next[Int(position)] < end else { return }
            let pair = Pair(
                left: symbols[Int(position)],
                right: symbols[Int(next[Int(position)])]
            )
            guard let rule = rules[pair] else { return }
            heap.push(Candidate(rank: rule.rank, position: position, result: rule.result))
        }

        for position in 0..<end - 1 { offer(position) }
        while let best = heap.pop() {
            let position = Int(best.position)
            // A symbol swallowed meanwhile is -1; a changed pair has another rule or none.
            guard symbols[position] >= 0, next[position] < end else { continue }
            let right = Int(next[position])
            let pair = Pair(left: symbols[position], right: symbols[right])
            guard let rule = rules[pair], rule.rank == best.rank else { continue }
            symbols[position] = rule.result
            symbols[right] = -1
            next[position] = next[right]
            if next[right] < end { previous[Int(next[right])] = best.position }
            offer(previous[position])
            offer(best.position)
        }
        return symbols.filter { $0 >= 0 }
    }

    /// A binary heap with the best candidate on top.
    private struct Heap {
        private var items: [Candidate] = []

        mutating func push(_ item: Candidate) {
            items.append(item)
            var child = items.count - 1
            while child > 0 {
                let parent = (child - 1) / 2
                guard items[child].precedes(items[parent]) else { return }
                items.swapAt(child, parent)
                child = parent
            }
        }

        mutating func pop() -> Candidate? {
            guard let top = items.first else { return nil }
            let last = items.removeLast()
            guard !items.isEmpty else { return top }
            items[0] = last
            var parent = 0
            while true {
                var child = 2 * parent + 1
                guard child < items.count else { return top }
                if child + 1 < items.count, items[child + 1].precedes(items[child]) { child += 1 }
                guard items[child].precedes(items[parent]) else { return top }
                items.swapAt(parent, child)
                parent = child
            }
        }
    }
}
