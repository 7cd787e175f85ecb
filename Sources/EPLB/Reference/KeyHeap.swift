/// A binary heap of 64-bit keys in memory of the caller's; the smallest key is on top.
///
/// A key holds a float's bits above an index, so that the lower index wins among equal values.
struct KeyHeap {
    private let keys: UnsafeMutablePointer<UInt64>
    private(set) var count: Int

    /// Orders `count` keys that stand in `keys`, in O(count).
    init(_ keys: UnsafeMutablePointer<UInt64>, count: Int) {
        self.keys = keys
        self.count = count
        for parent in stride(from: count / 2 - 1, through: 0, by: -1) { sink(keys[parent], parent) }
    }

    /// The smallest key; there must be one.
    @inline(__always)
    var top: UInt64 { keys[0] }

    /// Puts another key in the smallest one's place.
    @inline(__always)
    mutating func replaceTop(_ key: UInt64) { sink(key, 0) }

    /// Removes the smallest key.
    @inline(__always)
    mutating func removeTop() {
        count -= 1
        if count > 0 { sink(keys[count], 0) }
    }

    @inline(__always)
    private func sink(_ key: UInt64, _ start: Int) {
        var hole = start
        while true {
            var child = 2 * hole + 1
            guard child < count else { break }
            if child + 1 < count, keys[child + 1] < keys[child] { child += 1 }
            guard keys[child] < key else { break }
            keys[hole] = keys[child]
            hole = child
        }
        keys[hole] = key
    }
}
