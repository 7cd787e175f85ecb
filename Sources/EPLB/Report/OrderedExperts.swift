/// Experts in order over the GPUs, each once: where they lie before anything is planned.
enum OrderedExperts {
    /// The GPU of an expert; with `E` experts on `U` GPUs each holds `E / U`, rounded up or down.
    static func gpu(of expert: Int, expertCount: Int, gpuCount: Int) -> Int {
        expert * gpuCount / expertCount
    }

    /// What each GPU has to do, `[L][gpuCount]`.
    static func gpuLoads(_ loads: ExpertLoads, gpuCount: Int) -> [[Double]] {
        (0..<loads.layerCount).map { layer in
            var sums = [Double](repeating: 0, count: gpuCount)
            for (expert, load) in loads[layer].enumerated() {
                let gpu = gpu(of: expert, expertCount: loads.expertCount, gpuCount: gpuCount)
                sums[gpu] += Double(load)
            }
            return sums
        }
    }
}

extension ExpertLoads {
    /// Mean over largest GPU load of each layer with experts in order, each once: the balance that a
    /// plan improves on.
    ///
    /// - Parameter gpuCount: GPUs, at least 1.
    /// - Returns: One figure a layer; 1 for a layer without load.
    public func balancednessInOrder(gpuCount: Int) -> [Double] {
        precondition(gpuCount >= 1, "gpuCount is \(gpuCount); it must be at least 1")
        return OrderedExperts.gpuLoads(self, gpuCount: gpuCount).map(Balancedness.of)
    }
}
