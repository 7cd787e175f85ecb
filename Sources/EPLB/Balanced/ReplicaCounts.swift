/// How many copies each expert gets.
enum ReplicaCounts {
    /// Gives every expert one slot and each further slot to the expert with the largest load a copy.
    ///
    /// That minimises the largest load a copy. Copies beyond the number of GPUs would share a GPU,
    /// so counts stop there; only if slots are left when all experts are everywhere do they go on.
    /// Equal loads get equal counts, so experts without load get copies in turn.
    ///
    /// - Parameters:
    ///   - loads: Each expert's load.
    ///   - slotCount: Slots to fill, at least one an expert.
    ///   - gpuCount: GPUs that hold the slots.
    /// - Returns: The number of copies of each expert; they add up to `slotCount`.
    static func counts(loads: [Double], slotCount: Int, gpuCount: Int) -> [Int] {
        var counts = [Int](repeating: 1, count: loads.count)
        let limit = max(gpuCount, (slotCount + loads.count - 1) / loads.count)
        // A heap with the expert that gets the next copy at its root.
        var heap = Array(loads.indices)
        func precedes(_ a: Int, _ b: Int) -> Bool {
            if (counts[a] < limit) != (counts[b] < limit) { return counts[a] < limit }
            let (left, right) = (loads[a] * Double(counts[b]), loads[b] * Double(counts[a]))
            if left != right { return left > right }
            return counts[a] != counts[b] ? counts[a] < counts[b] : a < b
        }
        func sink(_ start: Int) {
            var hole = start
            while true {
                var child = 2 * hole + 1
                guard child < heap.count else { return }
                if child + 1 < heap.count, precedes(heap[child + 1], heap[child]) { child += 1 }
                guard precedes(heap[child], heap[hole]) else { return }
                heap.swapAt(child, hole)
                hole = child
            }
        }
        for start in stride(from: heap.count / 2 - 1, through: 0, by: -1) { sink(start) }
        for _ in loads.count..<max(slotCount, loads.count) {
            counts[heap[0]] += 1
            sink(0)
        }
        return counts
    }
}
