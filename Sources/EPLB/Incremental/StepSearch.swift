/// Changes a layer's placement in small steps until no GPU's load is beyond a limit.
///
/// A step gives the slot of one copy to another expert (one expert moves), or exchanges two experts
/// (two move). Each time the step is taken that takes most excess load off all GPUs for each expert
/// moved, among those that touch the most loaded GPU.
struct StepSearch {
    /// Steps allowed for each slot; a search that needs more is worse than a new plan.
    private static let stepLimitPerSlot = 1
    /// What a step counts that moves nothing on balance, as one that undoes another: a fraction of
    /// an expert, so that steps stay comparable.
    private static let leastCost = 0.25
    /// The least part of the limit that a step must gain: less is rounding.
    private static let leastGain = 1e-12

    var state: LayerState
    /// The placement before the first step, to tell what has moved.
    let previous: LayerState
    /// The node on which each expert must stay; nil if it may go anywhere.
    let nodeOfExpert: [Int]?
    let gpusPerNode: Int

    private enum Step {
        case replace(slot: Int, expert: Int)
        case swap(Int, Int)
    }

    /// Steps until no GPU's load exceeds `limit`.
    ///
    /// - Returns: Whether that was reached.
    mutating func run(limit: Double) -> Bool {
        for _ in 0..<Self.stepLimitPerSlot * state.experts.count {
            guard let busiest = busiest, state.gpuLoads[busiest] > limit else { return true }
            guard let step = bestStep(from: busiest, limit: limit) else { return false }
            switch step {
            case .replace(let slot, let expert): state.replace(slot, with: expert)
            case .swap(let a, let b): state.swap(a, b)
            }
        }
        return busiest.map { state.gpuLoads[$0] <= limit } ?? true
    }

    /// Replaces second copies of an expert on a GPU by experts the GPU lacks, as long as there are
    /// any: the one that leaves least excess, then the one with the largest share.
    mutating func removeDoubles(limit: Double) {
        for gpu in 0..<state.gpuCount {
            for slot in state.slots(of: gpu) {
                let expert = state.experts[slot]
                guard state.experts[state.slots(of: gpu).lowerBound..<slot].contains(expert) else {
                    continue
                }
                var best: (expert: Int, gain: Double)?
                for other in state.loads.indices
                where mayLie(other, on: gpu) && !state.contains(other, on: gpu) {
                    let gain = state.gain(replacing: slot, with: other, limit: limit)
                    if let best {
                        guard
                            gain > best.gain
                                || gain == best.gain
                                    && state.share(other) > state.share(best.expert)
                        else { continue }
                    }
                    best = (other, gain)
                }
                if let best { state.replace(slot, with: best.expert) }
            }
        }
    }

    private var busiest: Int? {
        state.gpuLoads.indices.max { state.gpuLoads[$0] < state.gpuLoads[$1] }
    }

    private func mayLie(_ expert: Int, on gpu: Int) -> Bool {
        guard let nodeOfExpert else { return true }
        return nodeOfExpert[expert] == gpu / gpusPerNode
    }

    /// 1 if a GPU would have to fetch the expert, 0 if it held it before.
    private func cost(_ expert: Int, on gpu: Int) -> Double {
        previous.contains(expert, on: gpu) ? 0 : 1
    }

    private mutating func bestStep(from busiest: Int, limit: Double) -> Step? {
        var best: Step?
        var bestRate = 0.0
        let least = Self.leastGain * limit
        func consider(_ step: Step, gain: Double, cost: () -> Double) {
            guard gain > least, gain / Self.leastCost > bestRate else { return }
            let rate = gain / max(cost(), Self.leastCost)
            guard rate > bestRate else { return }
            bestRate = rate
            best = step
        }
        let own = state.slots(of: busiest)
        // A further copy of one of its experts elsewhere, in place of an expert with copies.
        for mine in own {
            let expert = state.experts[mine]
            for slot in state.experts.indices where !own.contains(slot) {
                let old = state.experts[slot]
                let gpu = state.gpu(slot)
                guard state.slotsOf[old].count > 1, old != expert, mayLie(expert, on: gpu),
                    !state.contains(expert, on: gpu)
                else { continue }
                let gain = state.gain(replacing: slot, with: expert, limit: limit)
                consider(.replace(slot: slot, expert: expert), gain: gain) {
                    cost(expert, on: gpu) - cost(old, on: gpu)
                }
            }
        }
        // One of its copies gives way to an expert it lacks.
        for slot in own where state.slotsOf[state.experts[slot]].count > 1 {
            let old = state.experts[slot]
            for expert in state.loads.indices
            where mayLie(expert, on: busiest) && !state.contains(expert, on: busiest) {
                let gain = state.gain(replacing: slot, with: expert, limit: limit)
                consider(.replace(slot: slot, expert: expert), gain: gain) {
                    cost(expert, on: busiest) - cost(old, on: busiest)
                }
            }
        }
        // An exchange with another GPU.
        for mine in own {
            let expert = state.experts[mine]
            for other in state.experts.indices where !own.contains(other) {
                let gain = state.gain(swapping: mine, other, limit: limit)
                guard gain > least else { continue }
                let (theirs, gpu) = (state.experts[other], state.gpu(other))
                guard mayLie(expert, on: gpu), mayLie(theirs, on: busiest),
                    !state.contains(expert, on: gpu), !state.contains(theirs, on: busiest)
                else { continue }
                consider(.swap(mine, other), gain: gain) {
                    cost(expert, on: gpu) + cost(theirs, on: busiest)
                        - cost(expert, on: busiest) - cost(theirs, on: gpu)
                }
            }
        }
        return best
    }
}
