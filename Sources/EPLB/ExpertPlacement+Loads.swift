public import InfraCore

extension ExpertPlacement {
    /// What each GPU has to do if every expert's load is shared evenly by its replicas.
    ///
    /// - Parameters:
    ///   - loads: Loads of the same layers and experts.
    ///   - gpuCount: GPUs that the slots are spread over, in order.
    /// - Returns: `[L][gpuCount]`, summed in double precision.
    /// - Throws: ``PlacementErrorCode/invalidShape`` if the slots do not divide among the GPUs;
    ///   ``PlacementErrorCode/invalidLoads`` if layers or experts differ in number.
    public func gpuLoads(
        under loads: ExpertLoads,
        gpuCount: Int
    ) throws(PlacementError) -> [[Double]] {
        try check(gpuCount: gpuCount)
        guard loads.layerCount == layerCount, loads.expertCount == expertCount else {
            throw PlacementError(
                .invalidLoads,
                "loads has \(loads.layerCount) layers of \(loads.expertCount) experts; the "
                    + "placement has \(layerCount) layers of \(expertCount)"
            )
        }
        let slotsPerGPU = replicaCount / gpuCount
        return (0..<layerCount).map { layer in
            (0..<gpuCount).map { gpu in
                (0..<slotsPerGPU).reduce(0) { total, index in
                    let slot = layer * replicaCount + gpu * slotsPerGPU + index
                    let expert = layer * expertCount + Int(expertOfSlot[slot])
                    return total + Double(loads.values[expert]) / Double(countOfExpert[expert])
                }
            }
        }
    }

    /// How even the GPUs' loads are: mean over largest, 1 is perfect.
    ///
    /// - Parameters:
    ///   - loads: Loads of the same layers and experts.
    ///   - gpuCount: GPUs that the slots are spread over, in order.
    /// - Returns: One figure a layer; 1 for a layer without load.
    /// - Throws: As ``gpuLoads(under:gpuCount:)``.
    public func balancedness(
        under loads: ExpertLoads,
        gpuCount: Int
    ) throws(PlacementError) -> [Double] {
        try gpuLoads(under: loads, gpuCount: gpuCount).map(Balancedness.of)
    }

    /// Whether `gpuCount` GPUs can hold the same number of slots each.
    func check(gpuCount: Int) throws(PlacementError) {
        guard gpuCount >= 1, replicaCount % gpuCount == 0 else {
            throw PlacementError(
                .invalidShape,
                "gpus is \(gpuCount); it must divide the placement's slots, \(replicaCount)"
            )
        }
    }
}

/// The measure of how evenly work is spread.
enum Balancedness {
    /// Mean over largest load; 1 without load.
    static func of(_ loads: [Double]) -> Double {
        guard let most = loads.max(), most > 0 else { return 1 }
        // Divided first: the sum of huge loads stays a number, and equal loads give 1 exactly
        // where their count is a power of two.
        return min(1, loads.reduce(0) { $0 + $1 / most } / Double(loads.count))
    }
}
