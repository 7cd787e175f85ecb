extension ExpertPlacement {
    /// The expert in each slot, `[L][P]`.
    public var phy2log: [[Int]] {
        (0..<layerCount).map { layer in
            expertOfSlot[layer * replicaCount..<(layer + 1) * replicaCount].map(Int.init)
        }
    }

    /// How often each expert is there, `[L][E]`.
    public var logcnt: [[Int]] {
        (0..<layerCount).map { layer in
            countOfExpert[layer * expertCount..<(layer + 1) * expertCount].map(Int.init)
        }
    }

    /// The slots of each expert by rank, `[L][E][X]`, filled up with -1.
    public var log2phy: [[[Int]]] {
        let width = largestReplicaCount
        return (0..<layerCount).map { layer in
            var offset = layer * replicaCount
            return (0..<expertCount).map { expert in
                let count = Int(countOfExpert[layer * expertCount + expert])
                let start = offset
                offset += count
                return [Int](unsafeUninitializedCapacity: width) { slots, written in
                    for rank in 0..<width {
                        slots[rank] = rank < count ? Int(slotsByExpert[start + rank]) : -1
                    }
                    written = width
                }
            }
        }
    }

    /// The largest count of replicas of any expert of any layer, `X`.
    public var largestReplicaCount: Int { Int(countOfExpert.max() ?? 0) }
}
