extension StepSearch {
    /// How fast the set of GPUs grows that are packed anew.
    private static let growth = 1.25

    /// Packs some GPUs anew where steps got stuck: those beyond the limit with as few of the least
    /// loaded ones as bring them all below it. The others keep what they hold.
    ///
    /// - Returns: Whether no GPU's load exceeds `limit` now.
    mutating func repack(limit: Double) -> Bool {
        for node in 0..<state.gpuCount / gpusPerNode {
            let gpus = node * gpusPerNode..<(node + 1) * gpusPerNode
            guard repack(gpus, limit: limit) else { return false }
        }
        return true
    }

    private mutating func repack(_ gpus: Range<Int>, limit: Double) -> Bool {
        let over = gpus.filter { state.gpuLoads[$0] > limit }
        guard !over.isEmpty else { return true }
        let others = gpus.filter { state.gpuLoads[$0] <= limit }
            .sorted { state.gpuLoads[$0] < state.gpuLoads[$1] }
        var size = over.count
        repeat {
            size = min(max(size + 1, Int(Double(size) * Self.growth)), gpus.count)
            let chosen = over + others.prefix(size - over.count)
            if let packed = pack(chosen, limit: limit) {
                state = packed
                return true
            }
        } while size < gpus.count
        return false
    }

    /// Packs the experts of some GPUs anew onto the same GPUs.
    private func pack(_ gpus: [Int], limit: Double) -> LayerState? {
        var counts: [Int: Int] = [:]
        for gpu in gpus {
            for slot in state.slots(of: gpu) { counts[state.experts[slot], default: 0] += 1 }
        }
        let experts = counts.keys.sorted()
        var bins = GPUBins(
            shares: experts.map(state.share),
            counts: experts.map { counts[$0] ?? 0 },
            gpuCount: gpus.count
        )
        bins.refine()
        guard bins.loads.allSatisfy({ $0 <= limit }) else { return nil }
        // Each bin goes to the GPU that held most of it.
        let common = gpus.indices.map { bin in
            gpus.map { gpu in
                bins.held(by: bin).reduce(0) {
                    $0 + (previous.contains(experts[$1], on: gpu) ? 1 : 0)
                }
            }
        }
        var slots = state.experts
        for (bin, index) in Assignment.best(common).enumerated() {
            slots.replaceSubrange(
                state.slots(of: gpus[index]),
                with: bins.held(by: bin).map { experts[$0] }
            )
        }
        return LayerState(loads: state.loads, experts: slots, gpuCount: state.gpuCount)
    }
}
