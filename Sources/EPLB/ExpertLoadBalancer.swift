public import InfraCore

/// Plans which expert goes to which GPU, and which experts are there more than once.
///
/// Plans are pure functions of their arguments: same loads, same plan, on every machine.
public enum ExpertLoadBalancer {
    /// Plans the placement of all layers' experts.
    ///
    /// - Parameters:
    ///   - loads: How much each expert is used.
    ///   - shape: The slots to fill and the machines they lie on.
    ///   - policy: How to choose; see ``PlacementPolicy``.
    /// - Returns: A placement in which every expert of every layer has at least one slot.
    /// - Throws: ``PlacementErrorCode/invalidShape`` if the loads' experts do not fit the shape,
    ///   ``PlacementErrorCode/invalidPolicy`` or ``PlacementErrorCode/invalidPlacement`` if the
    ///   policy's arguments do not.
    public static func rebalance(
        _ loads: ExpertLoads,
        shape: PlacementShape,
        policy: PlacementPolicy = .reference
    ) throws(PlacementError) -> ExpertPlacement {
        try shape.check(expertCount: loads.expertCount)
        switch policy {
        case .reference:
            return ReferencePlanner(loads: loads, shape: shape).placement()
        case .balanced(let locality):
            try check(locality, shape)
            return BalancedPlanner(
                loads: loads,
                shape: shape,
                keepsGroups: locality.keepsGroupsTogether(shape)
            ).placement()
        case .incremental(let previous, let target, let locality):
            try check(locality, shape)
            guard target > 0, target <= 1 else {
                throw PlacementError(
                    .invalidPolicy,
                    "target is \(target); it must be above 0 and at most 1, the balance of equal "
                        + "loads"
                )
            }
            try previous.check(
                layerCount: loads.layerCount,
                expertCount: loads.expertCount,
                replicaCount: shape.replicaCount
            )
            return IncrementalPlanner(
                fresh: BalancedPlanner(
                    loads: loads,
                    shape: shape,
                    keepsGroups: locality.keepsGroupsTogether(shape)
                ),
                previous: previous,
                target: target
            ).placement()
        }
    }

    private static func check(
        _ locality: PlacementLocality,
        _ shape: PlacementShape
    ) throws(PlacementError) {
        guard locality != .withinNodes || shape.isHierarchical else {
            throw PlacementError(
                .invalidPolicy,
                "groups is \(shape.groupCount), which is not a multiple of nodes, "
                    + "\(shape.nodeCount): groups cannot stay within nodes; let experts go anywhere"
            )
        }
    }
}
