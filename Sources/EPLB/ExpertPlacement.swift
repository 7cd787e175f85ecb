public import InfraCore

/// Which expert lies in which slot, for every layer.
///
/// Letters: `L` layers, `P` physical slots, `E` experts, `X` the largest count of replicas any
/// expert of any layer has. A replica's rank is its position in the list of its expert's slots;
/// the reference policy fixes the order, and routers pick replicas by it.
public struct ExpertPlacement: Sendable, Hashable {
    /// Layers, `L`.
    public let layerCount: Int
    /// Experts of each layer, `E`.
    public let expertCount: Int
    /// Physical slots of each layer, `P`.
    public let replicaCount: Int
    /// The expert in each slot, `[L, P]`.
    let expertOfSlot: [Int32]
    /// How often each expert is there, `[L, E]`.
    let countOfExpert: [Int32]
    /// The slots of expert 0 by rank, then those of expert 1 ..., `[L, P]`.
    let slotsByExpert: [Int32]

    /// Takes a finished plan.
    init(
        layerCount: Int,
        expertCount: Int,
        replicaCount: Int,
        expertOfSlot: [Int32],
        countOfExpert: [Int32],
        slotsByExpert: [Int32]
    ) {
        self.layerCount = layerCount
        self.expertCount = expertCount
        self.replicaCount = replicaCount
        self.expertOfSlot = expertOfSlot
        self.countOfExpert = countOfExpert
        self.slotsByExpert = slotsByExpert
    }

    /// Takes the expert of each slot, `[L, P]`; replicas are ranked by their slots.
    init(layerCount: Int, expertCount: Int, replicaCount: Int, expertOfSlot: [Int32]) {
        var counts = [Int32](repeating: 0, count: layerCount * expertCount)
        var slots = [Int32](repeating: 0, count: layerCount * replicaCount)
        var next = [Int32](repeating: 0, count: expertCount)
        for layer in 0..<layerCount {
            let experts = expertOfSlot[layer * replicaCount..<(layer + 1) * replicaCount]
            for expert in experts { counts[layer * expertCount + Int(expert)] += 1 }
            var offset: Int32 = 0
            for expert in 0..<expertCount {
                next[expert] = offset
                offset += counts[layer * expertCount + expert]
            }
            for (slot, expert) in experts.enumerated() {
                slots[layer * replicaCount + Int(next[Int(expert)])] = Int32(slot)
                next[Int(expert)] += 1
            }
        }
        self.init(
            layerCount: layerCount,
            expertCount: expertCount,
            replicaCount: replicaCount,
            expertOfSlot: expertOfSlot,
            countOfExpert: counts,
            slotsByExpert: slots
        )
    }

    /// Takes the expert of each slot; replicas are ranked by their slots.
    ///
    /// - Parameters:
    ///   - phy2log: The expert in each slot, `[L][P]`.
    ///   - expertCount: Experts of each layer; each must be in some slot of each layer.
    /// - Throws: ``PlacementErrorCode/invalidPlacement`` if there is no layer, layers differ in
    ///   length, an expert does not exist or is nowhere.
    public init(phy2log: [[Int]], expertCount: Int) throws(PlacementError) {
        guard let first = phy2log.first, !first.isEmpty else {
            throw PlacementError(.invalidPlacement, "phy2log has no slot; at least one is needed")
        }
        guard first.count <= PlacementShape.maximumReplicaCount else {
            throw PlacementError(
                .invalidPlacement,
                "phy2log has \(first.count) slots a layer; at most "
                    + "\(PlacementShape.maximumReplicaCount) are allowed"
            )
        }
        guard (1...first.count).contains(expertCount) else {
            throw PlacementError(
                .invalidPlacement,
                "the number of experts is \(expertCount); a placement of \(first.count) slots "
                    + "holds 1 to \(first.count)"
            )
        }
        var slots: [Int32] = []
        slots.reserveCapacity(phy2log.count * first.count)
        for (layer, row) in phy2log.enumerated() {
            guard row.count == first.count else {
                throw PlacementError(
                    .invalidPlacement,
                    "layer \(layer) of phy2log has \(row.count) slots; it must have "
                        + "\(first.count), as layer 0 has"
                )
            }
            var isPlaced = [Bool](repeating: false, count: expertCount)
            for (slot, expert) in row.enumerated() {
                guard (0..<expertCount).contains(expert) else {
                    throw PlacementError(
                        .invalidPlacement,
                        "slot \(slot) of layer \(layer) holds expert \(expert); experts are "
                            + "numbered 0 to \(expertCount - 1)"
                    )
                }
                isPlaced[expert] = true
                slots.append(Int32(expert))
            }
            if let missing = isPlaced.firstIndex(of: false) {
                throw PlacementError(
                    .invalidPlacement,
                    "expert \(missing) is in no slot of layer \(layer); every expert needs one"
                )
            }
        }
        self.init(
            layerCount: phy2log.count,
            expertCount: expertCount,
            replicaCount: first.count,
            expertOfSlot: slots
        )
    }
}
