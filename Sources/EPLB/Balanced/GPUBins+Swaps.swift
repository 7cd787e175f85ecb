extension GPUBins {
    /// Swaps allowed for each slot; searches end long before.
    private static let swapLimitPerSlot = 4
    /// The least part of the largest load a swap must take off it: less is rounding.
    private static let leastGain = 1e-12

    /// Exchanges pairs of experts between the most loaded GPU and others while that lowers its load
    /// and raises no other GPU to it: each time the pair that leaves the lower peak.
    mutating func refine() {
        for _ in 0..<Self.swapLimitPerSlot * experts.count {
            guard let busiest = loads.indices.max(by: { loads[$0] < loads[$1] }),
                let swap = bestSwap(from: busiest)
            else { return }
            let (mine, other) = (experts[swap.mine], experts[swap.other])
            let gpu = swap.other / slotsPerGPU
            experts.swapAt(swap.mine, swap.other)
            loads[busiest] += shares[other] - shares[mine]
            loads[gpu] += shares[mine] - shares[other]
        }
    }

    private func bestSwap(from busiest: Int) -> (mine: Int, other: Int)? {
        let peak = loads[busiest]
        var lowest = peak * (1 - Self.leastGain)
        var best: (mine: Int, other: Int)?
        let own = busiest * slotsPerGPU..<(busiest + 1) * slotsPerGPU
        experts.withUnsafeBufferPointer { experts in
            shares.withUnsafeBufferPointer { shares in
                func contains(_ expert: Int, _ gpu: Int) -> Bool {
                    experts[gpu * slotsPerGPU..<(gpu + 1) * slotsPerGPU].contains(expert)
                }
                for gpu in 0..<gpuCount where gpu != busiest {
                    let load = loads[gpu]
                    // The best any pair could do is to meet in the middle.
                    guard (peak + load) / 2 < lowest else { continue }
                    for mine in own {
                        let share = shares[experts[mine]]
                        for other in gpu * slotsPerGPU..<(gpu + 1) * slotsPerGPU {
                            let difference = share - shares[experts[other]]
                            let result = max(peak - difference, load + difference)
                            guard result < lowest, !contains(experts[mine], gpu),
                                !contains(experts[other], busiest)
                            else { continue }
                            lowest = result
                            best = (mine, other)
                        }
                    }
                }
            }
        }
        return best
    }
}
