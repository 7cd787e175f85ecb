import Tensors

/// Balancing without an auxiliary loss: after each step the bias of overloaded experts falls and
/// that of underloaded ones rises by a fixed amount (Wang et al., "Auxiliary-Loss-Free Load
/// Balancing Strategy for Mixture-of-Experts", 2024, algorithm 1).
enum ExpertBalancer {
    /// Moves each bias by `speed` towards an even load.
    ///
    /// - Parameters:
    ///   - bias: `[E]`, float32, changed in place.
    ///   - loads: How many tokens chose each of the E experts, over all ranks.
    ///   - speed: The step; DeepSeek-V3 uses 0.001.
    static func update(_ bias: inout HostTensor, loads: [Int], speed: Float) {
        let mean = Double(loads.reduce(0, +)) / Double(max(1, loads.count))
        bias.withUnsafeMutableElements(of: Float.self) { bias in
            for (expert, load) in loads.enumerated() {
                if Double(load) > mean { bias[expert] -= speed }
                if Double(load) < mean { bias[expert] += speed }
            }
        }
    }
}
