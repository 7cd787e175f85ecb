public import InfraCore

/// GPU loads before and after a plan, for reports.
///
/// Before: experts in order over the GPUs, each once. After: a balanced plan.
public struct PlacementComparison: Sendable {
    /// The slots that were planned.
    public let shape: PlacementShape
    /// The plan.
    public let placement: ExpertPlacement
    /// GPU loads with experts in order, `[L][gpuCount]`.
    public let loadsBefore: [[Double]]
    /// GPU loads under the plan, `[L][gpuCount]`.
    public let loadsAfter: [[Double]]

    /// Mean over largest GPU load of each layer with experts in order; 1 without load.
    public var balancednessBefore: [Double] { loadsBefore.map(Balancedness.of) }
    /// Mean over largest GPU load of each layer under the plan; 1 without load.
    public var balancednessAfter: [Double] { loadsAfter.map(Balancedness.of) }

    /// Plans with one spare slot a GPU beyond what all experts need, experts anywhere: what
    /// DeepSeek's prefill units have (288 slots for 256 experts on 32 GPUs).
    ///
    /// - Parameters:
    ///   - loads: How much each expert is used.
    ///   - gpuCount: GPUs to place experts on.
    /// - Throws: ``PlacementErrorCode/invalidShape`` if there is no GPU, or too many for
    ///   ``PlacementShape/maximumReplicaCount`` slots.
    public init(loads: ExpertLoads, gpuCount: Int) throws(PlacementError) {
        guard (1...PlacementShape.maximumReplicaCount / 2).contains(gpuCount) else {
            throw PlacementError(
                .invalidShape,
                "gpus is \(gpuCount); it must be 1 to \(PlacementShape.maximumReplicaCount / 2)"
            )
        }
        let slotsPerGPU = (loads.expertCount + gpuCount - 1) / gpuCount + 1
        shape = try PlacementShape(replicas: slotsPerGPU * gpuCount, gpus: gpuCount)
        placement = try ExpertLoadBalancer.rebalance(
            loads,
            shape: shape,
            policy: .balanced(locality: .anywhere)
        )
        loadsBefore = OrderedExperts.gpuLoads(loads, gpuCount: gpuCount)
        loadsAfter = try placement.gpuLoads(under: loads, gpuCount: gpuCount)
    }

    /// As ``init(loads:gpuCount:)``, for counts of tokens such as a trainer's routing statistics.
    ///
    /// - Parameters:
    ///   - counts: Tokens of each expert, `[L][E]`.
    ///   - gpuCount: GPUs to place experts on.
    /// - Throws: Also ``PlacementErrorCode/invalidLoads``, as ``ExpertLoads/init(_:)-([[Int]])``.
    public init(counts: [[Int]], gpuCount: Int) throws(PlacementError) {
        try self.init(loads: try ExpertLoads(counts), gpuCount: gpuCount)
    }
}
