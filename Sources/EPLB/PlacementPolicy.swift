/// How ``ExpertLoadBalancer/rebalance(_:shape:policy:)`` chooses among placements.
public enum PlacementPolicy: Sendable {
    /// Mean over largest GPU load that ``incremental(previous:target:locality:)`` aims at unless
    /// told otherwise.
    public static let defaultTarget = 0.95

    /// Bit-identical to DeepSeek's EPLB: the same slots, ranks and counts, ties included.
    ///
    /// It may put an expert on a GPU twice, and gives every spare slot to the first expert if
    /// nothing is loaded.
    case reference

    /// As even as greedy packing and pairwise swaps get, with no expert on a GPU twice as long as
    /// there are enough experts to fill a GPU; layers without load get even counts of copies.
    case balanced(locality: PlacementLocality = .automatic)

    /// As few changes of a placement as reach a balance.
    ///
    /// A layer whose GPUs are balanced well enough under the new loads stays as it is. Others
    /// change step by step until mean over largest GPU load is at least `target`, or as good as
    /// ``balanced(locality:)`` gets if that does not reach it. Second copies of an expert on one
    /// GPU are replaced even where nothing else needs to change.
    ///
    /// - Parameters:
    ///   - previous: The placement in use, of the same layers, experts and slots.
    ///   - target: Mean over largest GPU load, above 0 and up to 1.
    ///   - locality: As for a new plan.
    case incremental(
        previous: ExpertPlacement,
        target: Double = Self.defaultTarget,
        locality: PlacementLocality = .automatic
    )
}
