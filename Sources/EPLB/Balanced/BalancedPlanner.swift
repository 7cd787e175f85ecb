/// Plans a layer anew: copies by load, packing without doubles, pairwise swaps.
struct BalancedPlanner {
    let loads: ExpertLoads
    let shape: PlacementShape
    /// Whether every group of experts stays on one node.
    let keepsGroups: Bool

    /// Plans all layers.
    func placement() -> ExpertPlacement {
        ExpertPlacement(
            layerCount: loads.layerCount,
            expertCount: loads.expertCount,
            replicaCount: shape.replicaCount,
            expertOfSlot: (0..<loads.layerCount).flatMap { slots(layer: $0).map(Int32.init) }
        )
    }

    /// Plans one layer.
    ///
    /// - Parameters:
    ///   - layer: Which one.
    ///   - nodeOfGroup: Where groups are to lie, if that is settled.
    /// - Returns: The expert in each slot.
    func slots(layer: Int, nodeOfGroup: [Int]? = nil) -> [Int] {
        let loads = self.loads[layer].map(Double.init)
        guard keepsGroups else {
            return pack(loads, slotCount: shape.replicaCount, gpuCount: shape.gpuCount)
        }
        let nodes = nodeOfGroup ?? assignGroups(loads)
        let groupSize = loads.count / shape.groupCount
        return (0..<shape.nodeCount).flatMap { node in
            let experts = loads.indices.filter { nodes[$0 / groupSize] == node }
            return pack(
                experts.map { loads[$0] },
                slotCount: shape.replicaCount / shape.nodeCount,
                gpuCount: shape.gpuCount / shape.nodeCount
            ).map { experts[$0] }
        }
    }

    /// Spreads groups over nodes, the same number on each.
    private func assignGroups(_ loads: [Double]) -> [Int] {
        let groupSize = loads.count / shape.groupCount
        let sums = (0..<shape.groupCount).map { group in
            loads[group * groupSize..<(group + 1) * groupSize].reduce(0, +)
        }
        var bins = GPUBins(
            shares: sums,
            counts: [Int](repeating: 1, count: sums.count),
            gpuCount: shape.nodeCount
        )
        bins.refine()
        var nodes = [Int](repeating: 0, count: shape.groupCount)
        for node in 0..<shape.nodeCount {
            for group in bins.held(by: node) { nodes[group] = node }
        }
        return nodes
    }

    /// Fills a pool of GPUs with copies of experts.
    private func pack(_ loads: [Double], slotCount: Int, gpuCount: Int) -> [Int] {
        // Without any load all experts are taken as equally likely.
        let isIdle = loads.allSatisfy { $0 == 0 }
        let loads = isIdle ? [Double](repeating: 1, count: loads.count) : loads
        let counts = ReplicaCounts.counts(loads: loads, slotCount: slotCount, gpuCount: gpuCount)
        var bins = GPUBins(
            shares: zip(loads, counts).map { $0 / Double($1) },
            counts: counts,
            gpuCount: gpuCount
        )
        bins.refine()
        return bins.experts
    }
}
