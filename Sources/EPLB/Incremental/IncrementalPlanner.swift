/// Changes a placement as little as a balance needs.
///
/// For each layer, of the candidates that are balanced well enough the one that moves fewest experts:
/// the placement as it is, the placement changed in steps, and new plans whose GPUs are renumbered
/// to keep what they can.
struct IncrementalPlanner {
    /// How much balance may differ by rounding alone.
    private static let tolerance = 1e-9
    /// A search that moves less than this part of the slots is not compared with new plans, which
    /// move most of them.
    private static let fewMoves = 0.125

    let fresh: BalancedPlanner
    let previous: ExpertPlacement
    let target: Double

    private var shape: PlacementShape { fresh.shape }
    private var gpusPerNode: Int {
        fresh.keepsGroups ? shape.gpuCount / shape.nodeCount : shape.gpuCount
    }

    /// Plans all layers.
    func placement() -> ExpertPlacement {
        let slots = (0..<previous.layerCount).flatMap { layer in
            plan(layer).map(Int32.init)
        }
        // Where nothing changed, replicas keep their ranks as well.
        guard slots != previous.expertOfSlot else { return previous }
        return ExpertPlacement(
            layerCount: previous.layerCount,
            expertCount: previous.expertCount,
            replicaCount: previous.replicaCount,
            expertOfSlot: slots
        )
    }

    private func plan(_ layer: Int) -> [Int] {
        let count = previous.replicaCount
        let before = previous.expertOfSlot[layer * count..<(layer + 1) * count].map(Int.init)
        let loads = fresh.loads[layer].map(Double.init)
        let state = LayerState(loads: loads, experts: before, gpuCount: shape.gpuCount)
        let nodes = fresh.keepsGroups ? nodeOfGroup(state) : nil
        let isAllowed = !fresh.keepsGroups || nodes != nil
        if isAllowed, !hasDoubles(state), state.balancedness >= target { return before }

        let relabelling = Relabelling(
            previous: before,
            expertCount: loads.count,
            gpuCount: shape.gpuCount,
            gpusPerNode: gpusPerNode
        )
        let new = fresh.slots(layer: layer)
        let reachable = balancedness(new, loads)
        let goal = min(target, reachable) - Self.tolerance
        if isAllowed, !hasDoubles(state), state.balancedness >= goal { return before }

        var candidates: [[Int]] = []
        if isAllowed {
            let groupSize = loads.count / shape.groupCount
            var search = StepSearch(
                state: state,
                previous: state,
                nodeOfExpert: nodes.map { nodes in loads.indices.map { nodes[$0 / groupSize] } },
                gpusPerNode: gpusPerNode
            )
            let mean = state.gpuLoads.reduce(0) { $0 + $1 / Double(shape.gpuCount) }
            search.removeDoubles(limit: mean / goal)
            if search.run(limit: mean / goal) {
                let slots = relabelling.keepingSlots(search.state.experts)
                if Double(moved(slots, from: before)) < Self.fewMoves * Double(count) {
                    return slots
                }
                candidates.append(slots)
            }
            if let nodes {
                let sameNodes = fresh.slots(layer: layer, nodeOfGroup: nodes)
                if balancedness(sameNodes, loads) >= goal {
                    candidates.append(relabelling.apply(to: sameNodes))
                }
            }
        }
        candidates.append(relabelling.apply(to: new))
        let costs = candidates.map { moved($0, from: before) }
        let best = costs.indices.min { costs[$0] < costs[$1] } ?? candidates.count - 1
        return candidates[best]
    }

    private func balancedness(_ slots: [Int], _ loads: [Double]) -> Double {
        LayerState(loads: loads, experts: slots, gpuCount: shape.gpuCount).balancedness
    }

    /// The node of each group; nil if a group lies on several or nodes hold different numbers.
    private func nodeOfGroup(_ state: LayerState) -> [Int]? {
        let groupSize = state.loads.count / shape.groupCount
        var nodes = [Int](repeating: -1, count: shape.groupCount)
        for (slot, expert) in state.experts.enumerated() {
            let node = state.gpu(slot) / gpusPerNode
            let group = expert / groupSize
            guard nodes[group] < 0 || nodes[group] == node else { return nil }
            nodes[group] = node
        }
        var held = [Int](repeating: 0, count: shape.nodeCount)
        for node in nodes { held[node] += 1 }
        return held.allSatisfy { $0 == shape.groupCount / shape.nodeCount } ? nodes : nil
    }

    /// Whether some GPU holds an expert twice although there are others to hold.
    private func hasDoubles(_ state: LayerState) -> Bool {
        let available = state.loads.count / (fresh.keepsGroups ? shape.nodeCount : 1)
        guard available >= state.slotsPerGPU else { return false }
        return (0..<state.gpuCount).contains { gpu in
            Set(state.experts[state.slots(of: gpu)]).count < state.slotsPerGPU
        }
    }

    /// Experts that GPUs hold in one placement and not in another.
    private func moved(_ slots: [Int], from before: [Int]) -> Int {
        let size = shape.slotsPerGPU
        return (0..<shape.gpuCount).reduce(0) { total, gpu in
            let range = gpu * size..<(gpu + 1) * size
            return total + Set(slots[range]).subtracting(before[range]).count
        }
    }
}
