import InfraCore

extension ExpertPlacement: Codable {
    private enum CodingKeys: String, CodingKey { case phy2log, log2phy, logcnt }

    /// Writes `phy2log`, `log2phy` (filled up with -1) and `logcnt`, as the original returns them.
    public func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(phy2log, forKey: .phy2log)
        try container.encode(log2phy, forKey: .log2phy)
        try container.encode(logcnt, forKey: .logcnt)
    }

    /// Reads what ``encode(to:)`` writes, other keys aside.
    ///
    /// Only `phy2log` must be there: counts follow from it. Without `logcnt` the highest expert in a
    /// slot is the last one; without `log2phy` replicas are ranked by their slots.
    ///
    /// - Throws: `DecodingError` if a key is missing or has another form; its context's
    ///   underlying error is a ``PlacementError`` if the three contradict each other.
    public init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        let phy2log = try container.decode([[Int]].self, forKey: .phy2log)
        let counts = try container.decodeIfPresent([[Int]].self, forKey: .logcnt)
        let ranked = try container.decodeIfPresent([[[Int]]].self, forKey: .log2phy)
        do {
            self = try ExpertPlacement(phy2log: phy2log, logcnt: counts, log2phy: ranked)
        } catch {
            throw DecodingError.dataCorrupted(
                .init(
                    codingPath: container.codingPath,
                    debugDescription: error.message,
                    underlyingError: error
                )
            )
        }
    }

    private init(
        phy2log: [[Int]],
        logcnt: [[Int]]?,
        log2phy: [[[Int]]]?
    ) throws(PlacementError) {
        let highest = phy2log.joined().max() ?? 0
        let expertCount = logcnt?.first?.count ?? highest.addingReportingOverflow(1).partialValue
        let placement = try ExpertPlacement(phy2log: phy2log, expertCount: expertCount)
        if let logcnt {
            guard logcnt == placement.logcnt else {
                throw PlacementError(
                    .invalidPlacement,
                    "logcnt does not count the experts in phy2log; leave it out or correct it"
                )
            }
        }
        if let log2phy {
            self = try placement.ranked(by: log2phy)
        } else {
            self = placement
        }
    }

    /// The same placement with replicas in another order.
    private func ranked(by log2phy: [[[Int]]]) throws(PlacementError) -> ExpertPlacement {
        var slots: [Int32] = []
        slots.reserveCapacity(slotsByExpert.count)
        var isListed = [Bool](repeating: false, count: expertOfSlot.count)
        for (layer, experts) in log2phy.enumerated() {
            for (expert, row) in experts.enumerated() {
                for slot in row where slot != -1 {
                    let isSlot = layer < layerCount && (0..<replicaCount).contains(slot)
                    let index = isSlot ? layer * replicaCount + slot : 0
                    guard isSlot, Int(expertOfSlot[index]) == expert, !isListed[index] else {
                        throw PlacementError(
                            .invalidPlacement,
                            "log2phy lists slot \(slot) of layer \(layer) for expert \(expert), "
                                + "which phy2log contradicts; leave log2phy out or correct it"
                        )
                    }
                    isListed[index] = true
                    slots.append(Int32(slot))
                }
            }
        }
        guard slots.count == expertOfSlot.count else {
            throw PlacementError(
                .invalidPlacement,
                "log2phy lists \(slots.count) slots; it must list each of the "
                    + "\(expertOfSlot.count) slots once"
            )
        }
        return ExpertPlacement(
            layerCount: layerCount,
            expertCount: expertCount,
            replicaCount: replicaCount,
            expertOfSlot: expertOfSlot,
            countOfExpert: countOfExpert,
            slotsByExpert: slots
        )
    }
}
