public import InfraCore

/// How many slots a placement fills, and the machines they lie on.
///
/// Physical slots are numbered over all GPUs: slot `s` lies on GPU `s / (replicaCount / gpuCount)`,
/// and GPU `g` in node `g / (gpuCount / nodeCount)`.
public struct PlacementShape: Sendable, Hashable {
    /// The largest count of replicas: a slot's number fits 32 bits with room to spare.
    public static let maximumReplicaCount = 65_536

    /// Slots for experts, over all GPUs: the experts themselves and the redundant copies.
    public let replicaCount: Int
    /// Groups of consecutive experts that a router chooses from together.
    public let groupCount: Int
    /// Servers, each with the same number of GPUs.
    public let nodeCount: Int
    /// GPUs, over all nodes.
    public let gpuCount: Int

    /// Slots on each GPU.
    public var slotsPerGPU: Int { replicaCount / gpuCount }

    /// Whether groups can be shared out evenly among nodes, so that each stays within one.
    ///
    /// The reference policy then places groups on nodes first; otherwise it ignores nodes and
    /// groups and places experts anywhere.
    public var isHierarchical: Bool { groupCount % nodeCount == 0 }

    /// Checks counts against each other.
    ///
    /// - Parameters:
    ///   - replicas: Slots over all GPUs; a multiple of `gpus`.
    ///   - groups: Groups of experts.
    ///   - nodes: Servers. If `groups` is a multiple of it, `gpus` must be one as well.
    ///   - gpus: GPUs over all nodes.
    /// - Throws: ``PlacementErrorCode/invalidShape`` if a count is below 1 or does not divide.
    public init(
        replicas: Int,
        groups: Int = 1,
        nodes: Int = 1,
        gpus: Int
    ) throws(PlacementError) {
        let limit = Self.maximumReplicaCount
        let counts = [
            ("replicas", replicas), ("groups", groups), ("nodes", nodes), ("gpus", gpus),
        ]
        for (name, count) in counts where !(1...limit).contains(count) {
            throw PlacementError(.invalidShape, "\(name) is \(count); it must be 1 to \(limit)")
        }
        guard replicas % gpus == 0 else {
            throw PlacementError(
                .invalidShape,
                "replicas is \(replicas); it must be a multiple of gpus, \(gpus): each GPU holds "
                    + "the same number of experts"
            )
        }
        replicaCount = replicas
        groupCount = groups
        nodeCount = nodes
        gpuCount = gpus
        guard !isHierarchical || gpus % nodes == 0 else {
            throw PlacementError(
                .invalidShape,
                "gpus is \(gpus); it must be a multiple of nodes, \(nodes)"
            )
        }
    }

    /// Whether `expertCount` experts fit this shape.
    ///
    /// - Throws: ``PlacementErrorCode/invalidShape`` if there are fewer replicas than experts, or
    ///   the experts cannot be split into equal groups where groups stay within nodes.
    func check(expertCount: Int) throws(PlacementError) {
        guard replicaCount >= expertCount else {
            throw PlacementError(
                .invalidShape,
                "replicas is \(replicaCount); it must be at least the number of experts, "
                    + "\(expertCount)"
            )
        }
        guard !isHierarchical || expertCount % groupCount == 0 else {
            throw PlacementError(
                .invalidShape,
                "groups is \(groupCount); it must divide the number of experts, \(expertCount)"
            )
        }
    }
}
