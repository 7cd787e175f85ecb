#if canImport(Glibc)
    import Glibc
#endif

/// Sorts as `std::sort` of GCC's C++ library does: same order among equal keys.
///
/// EPLB sorts loads with PyTorch's unstable CPU sort, which is this `std::sort` on pairs of value
/// and index with `a.value > b.value`. Replicas of one expert always tie, so which of them comes
/// first decides the plan. The algorithm is introsort (Musser, "Introspective Sorting and Selection
/// Algorithms", 1997) with the constants of that library: quicksort on the median of the second,
/// middle and last element until 16 are left, heapsort where it goes too deep, and one insertion
/// sort at the end.
///
/// An element is a non-negative float's bits in the upper half, its index in the lower.
package struct IntroSort {
    /// Ranges this short are left to the insertion sort.
    private static let threshold = 16

    private let elements: UnsafeMutablePointer<UInt64>

    /// Sorts `count` elements by descending value.
    package static func sortDescending(_ elements: UnsafeMutablePointer<UInt64>, count: Int) {
        guard count > 1 else { return }
        let sort = IntroSort(elements: elements)
        let log2 = Int.bitWidth - 1 - count.leadingZeroBitCount
        sort.quicksort(0, count, depth: 2 * log2)
        sort.insertionSort(count)
    }

    /// One element.
    @inline(__always)
    package static func element(_ value: Float, _ index: Int) -> UInt64 {
        UInt64(value.bitPattern) << 32 | UInt64(UInt32(truncatingIfNeeded: index))
    }

    @inline(__always)
    private func precedes(_ a: UInt64, _ b: UInt64) -> Bool { a >> 32 > b >> 32 }

    @inline(__always)
    private func swap(_ a: Int, _ b: Int) {
        let value = elements[a]
        elements[a] = elements[b]
        elements[b] = value
    }

    private func quicksort(_ first: Int, _ end: Int, depth: Int) {
        var end = end
        var depth = depth
        while end - first > Self.threshold {
            guard depth > 0 else { return heapsort(first, end) }
            depth -= 1
            let cut = partition(first, end)
            quicksort(cut, end, depth: depth)
            end = cut
        }
    }

    /// Moves the pivot to the front and splits the rest around it.
    private func partition(_ first: Int, _ end: Int) -> Int {
        moveMedian(to: first, first + 1, first + (end - first) / 2, end - 1)
        let pivot = elements[first]
        var low = first + 1
        var high = end
        while true {
            while precedes(elements[low], pivot) { low += 1 }
            high -= 1
            while precedes(pivot, elements[high]) { high -= 1 }
            guard low < high else { return low }
            swap(low, high)
            low += 1
        }
    }

    private func moveMedian(to target: Int, _ a: Int, _ b: Int, _ c: Int) {
        let (x, y, z) = (elements[a], elements[b], elements[c])
        if precedes(x, y) {
            swap(target, precedes(y, z) ? b : precedes(x, z) ? c : a)
        } else {
            swap(target, precedes(x, z) ? a : precedes(y, z) ? c : b)
        }
    }

    private func insertionSort(_ count: Int) {
        for index in 1..<min(count, Self.threshold) {
            let value = elements[index]
            guard precedes(value, elements[0]) else {
                insert(value, at: index)
                continue
            }
            memmove(elements + 1, elements, index * MemoryLayout<UInt64>.stride)
            elements[0] = value
        }
        guard count > Self.threshold else { return }
        for index in Self.threshold..<count { insert(elements[index], at: index) }
    }

    /// Moves a value down to its place; some element before it must not come after it.
    @inline(__always)
    private func insert(_ value: UInt64, at index: Int) {
        var index = index
        while precedes(value, elements[index - 1]) {
            elements[index] = elements[index - 1]
            index -= 1
        }
        elements[index] = value
    }

    private func heapsort(_ first: Int, _ end: Int) {
        let base = elements + first
        let count = end - first
        for parent in stride(from: (count - 2) / 2, through: 0, by: -1) {
            sift(base, hole: parent, count: count, base[parent])
        }
        for last in stride(from: count - 1, through: 1, by: -1) {
            let value = base[last]
            base[last] = base[0]
            sift(base, hole: 0, count: last, value)
        }
    }

    /// Lets a hole sink to a leaf, then raises `value` from there.
    private func sift(
        _ base: UnsafeMutablePointer<UInt64>,
        hole top: Int,
        count: Int,
        _ value: UInt64
    ) {
        var hole = top
        var child = top
        while child < (count - 1) / 2 {
            child = 2 * (child + 1)
            if precedes(base[child], base[child - 1]) { child -= 1 }
            base[hole] = base[child]
            hole = child
        }
        if count & 1 == 0, child == (count - 2) / 2 {
            child = 2 * (child + 1)
            base[hole] = base[child - 1]
            hole = child - 1
        }
        while hole > top {
            let parent = (hole - 1) / 2
            guard precedes(base[parent], value) else { break }
            base[hole] = base[parent]
            hole = parent
        }
        base[hole] = value
    }
}
