/// How ``ExpertLoadBalancer/rebalance(_:shape:policy:)`` chooses among placements.
public enum PlacementPolicy: Sendable {
    /// Bit-identical to DeepSeek's EPLB: the same slots, ranks and counts, ties included.
    case reference
}
