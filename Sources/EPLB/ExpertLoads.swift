public import InfraCore

/// How much each expert of each layer is used: counts of tokens, or estimates of them.
///
/// Loads are kept as float32, `[L, E]` row-major: the original converts to it before anything
/// else, and its results depend on it.
public struct ExpertLoads: Sendable, Hashable {
    /// Layers, `L`.
    public let layerCount: Int
    /// Experts of each layer, `E`.
    public let expertCount: Int
    /// The loads, `[L, E]` row-major.
    let values: [Float]

    /// Takes exact counts.
    ///
    /// - Parameter counts: Tokens of each expert, `[L][E]`.
    /// - Throws: ``PlacementErrorCode/invalidLoads`` for a negative count, no layer, no expert or
    ///   layers of different length.
    public init(_ counts: [[Int]]) throws(PlacementError) {
        try self.init(counts) { Float($0) }
    }

    /// Takes loads that need not be whole.
    ///
    /// - Parameter loads: Loads of each expert, `[L][E]`, each rounded to float32.
    /// - Throws: ``PlacementErrorCode/invalidLoads`` for a load that is negative, not a number or
    ///   beyond float32, for no layer, no expert or layers of different length.
    public init(_ loads: [[Double]]) throws(PlacementError) {
        try self.init(loads) { Float($0) }
    }

    /// Takes float32 loads as they are.
    ///
    /// - Parameter loads: Loads of each expert, `[L][E]`.
    /// - Throws: ``PlacementErrorCode/invalidLoads`` for a load that is negative or not finite, for
    ///   no layer, no expert or layers of different length.
    public init(_ loads: [[Float]]) throws(PlacementError) {
        try self.init(loads) { $0 }
    }

    private init<Value>(
        _ rows: [[Value]],
        _ float: (Value) -> Float
    ) throws(PlacementError) {
        guard let first = rows.first else {
            throw PlacementError(.invalidLoads, "loads has no layer; at least one is needed")
        }
        guard !first.isEmpty else {
            throw PlacementError(.invalidLoads, "loads has no expert; at least one is needed")
        }
        var values: [Float] = []
        values.reserveCapacity(rows.count * first.count)
        for (layer, row) in rows.enumerated() {
            guard row.count == first.count else {
                throw PlacementError(
                    .invalidLoads,
                    "layer \(layer) of loads has \(row.count) experts; it must have "
                        + "\(first.count), as layer 0 has"
                )
            }
            for (expert, load) in row.enumerated() {
                let value = float(load)
                guard value >= 0, value.isFinite else {
                    throw PlacementError(
                        .invalidLoads,
                        "the load of layer \(layer), expert \(expert) is \(load); loads must be "
                            + "finite float32 numbers of at least 0"
                    )
                }
                // Minus zero would sort apart from zero by its bits.
                values.append(value + 0)
            }
        }
        layerCount = rows.count
        expertCount = first.count
        self.values = values
    }

    /// The loads of one layer's experts.
    ///
    /// - Parameter layer: An index below ``layerCount``.
    public subscript(layer: Int) -> ArraySlice<Float> {
        values[layer * expertCount..<(layer + 1) * expertCount]
    }
}
