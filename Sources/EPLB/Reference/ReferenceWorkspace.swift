/// The memory that planning one layer needs; every layer of a plan uses the same.
struct ReferenceWorkspace: ~Copyable {
    /// Elements to sort.
    let sorted: UnsafeMutablePointer<UInt64>
    /// Keys of a heap.
    let heap: UnsafeMutablePointer<UInt64>
    /// Values to pack.
    let weights: UnsafeMutablePointer<Float>
    /// Each item's pack, and its position in it.
    let pack: UnsafeMutablePointer<Int32>
    let rank: UnsafeMutablePointer<Int32>
    /// How many items a pack holds.
    let filled: UnsafeMutablePointer<Int32>
    /// The expert of each replica of a node, and the replica's rank.
    let expert: UnsafeMutablePointer<Int32>
    let replicaRank: UnsafeMutablePointer<Int32>
    /// How often each expert of a node is there.
    let counts: UnsafeMutablePointer<Int32>
    /// The expert at each place of the order in which nodes hold experts.
    let expertAtPlace: UnsafeMutablePointer<Int32>
    /// The rank of the replica in each slot of the layer.
    let rankOfSlot: UnsafeMutablePointer<Int32>

    /// Room for `capacity` items of every kind.
    init(capacity: Int) {
        sorted = .allocate(capacity: capacity)
        heap = .allocate(capacity: capacity)
        weights = .allocate(capacity: capacity)
        pack = .allocate(capacity: capacity)
        rank = .allocate(capacity: capacity)
        filled = .allocate(capacity: capacity)
        expert = .allocate(capacity: capacity)
        replicaRank = .allocate(capacity: capacity)
        counts = .allocate(capacity: capacity)
        expertAtPlace = .allocate(capacity: capacity)
        rankOfSlot = .allocate(capacity: capacity)
    }

    deinit {
        sorted.deallocate()
        heap.deallocate()
        weights.deallocate()
        for array in [pack, rank, filled, expert, replicaRank, counts, expertAtPlace, rankOfSlot] {
            array.deallocate()
        }
    }

    /// Packs `weights` into `packCount` packs of the same number of items: heaviest item first, each
    /// into the lightest pack with room, the lowest of them on ties. Fills `pack` and `rank`.
    borrowing func pack(itemCount: Int, packCount: Int) {
        let capacity = itemCount / packCount
        guard capacity > 1 else {
            for item in 0..<itemCount {
                pack[item] = Int32(item)
                rank[item] = 0
            }
            return
        }
        for item in 0..<itemCount { sorted[item] = IntroSort.element(weights[item], item) }
        IntroSort.sortDescending(sorted, count: itemCount)
        for index in 0..<packCount {
            heap[index] = UInt64(index)
            filled[index] = 0
        }
        var lightest = KeyHeap(heap, count: packCount)
        for position in 0..<itemCount {
            let item = Int(sorted[position] & 0xFFFF_FFFF)
            let top = lightest.top
            let index = Int(top & 0xFFFF_FFFF)
            pack[item] = Int32(index)
            rank[item] = filled[index]
            filled[index] += 1
            if Int(filled[index]) == capacity {
                lightest.removeTop()
            } else {
                let load = Float(bitPattern: UInt32(top >> 32)) + weights[item]
                lightest.replaceTop(IntroSort.element(load, index))
            }
        }
    }

    /// Chooses which experts are there more than once: each further slot goes to the expert with the
    /// largest load a replica, the first of them on ties. Fills `expert`, `replicaRank`, `counts`.
    borrowing func replicate(
        expertCount: Int,
        slotCount: Int,
        load: (Int) -> Float
    ) {
        // The heap's top is its smallest key: the complement of a load's bits puts large loads first.
        func key(_ expert: Int, _ count: Int32) -> UInt64 {
            IntroSort.element(load(expert) / Float(count), expert) ^ 0xFFFF_FFFF_0000_0000
        }
        for index in 0..<expertCount {
            expert[index] = Int32(index)
            replicaRank[index] = 0
            counts[index] = 1
        }
        guard slotCount > expertCount else { return }
        for index in 0..<expertCount { heap[index] = key(index, 1) }
        var busiest = KeyHeap(heap, count: expertCount)
        for slot in expertCount..<slotCount {
            let index = Int(busiest.top & 0xFFFF_FFFF)
            expert[slot] = Int32(index)
            replicaRank[slot] = counts[index]
            counts[index] += 1
            busiest.replaceTop(key(index, counts[index]))
        }
    }
}
