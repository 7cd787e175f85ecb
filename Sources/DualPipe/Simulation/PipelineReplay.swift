import InfraCore

/// The engine under ``PipelineSimulation``: runs each rank until it must wait, round after round.
struct PipelineReplay {
    /// When each operation ran, per rank.
    private(set) var spans: [[PipelineSimulation.Span]]
    private let schedule: PipelineSchedule
    /// For each cell in each rank: when its forward and its input gradient were done.
    private var forwardEnds: CellTable
    private var backwardEnds: CellTable
    private let hasBackward: Bool

    /// Checks that the schedule is complete and free of impossible operations.
    init(_ schedule: PipelineSchedule) throws(PipelineError) {
        self.schedule = schedule
        spans = schedule.operations.map { operations in
            var spans: [PipelineSimulation.Span] = []
            spans.reserveCapacity(operations.count)
            return spans
        }
        forwardEnds = CellTable(schedule)
        backwardEnds = CellTable(schedule)
        hasBackward = schedule.operations.contains { $0.contains { $0.backwardCell != nil } }
        try checkCompleteness()
    }

    /// Runs everything.
    ///
    /// - Throws: ``PipelineErrorCode/deadlock``.
    mutating func run(
        _ duration: (_ rank: Int, _ index: Int, _ op: PipelineOp) -> Double
    ) throws(PipelineError) {
        var progressed = true
        while progressed {
            progressed = false
            for rank in schedule.operations.indices {
                let operations = schedule.operations[rank]
                while spans[rank].count < operations.count {
                    let index = spans[rank].count
                    let op = operations[index]
                    guard let ready = readyTime(op, rank: rank) else { break }
                    let start = max(ready, spans[rank].last?.end ?? 0)
                    let end = start + duration(rank, index, op)
                    spans[rank].append(.init(start: start, end: end))
                    if let cell = op.forwardCell { forwardEnds[rank, cell] = end }
                    if let cell = op.backwardCell { backwardEnds[rank, cell] = end }
                    progressed = true
                }
            }
        }
        try checkFinished()
    }

    /// When the inputs of an operation are there; `nil` if that is not known yet.
    private func readyTime(_ op: PipelineOp, rank: Int) -> Double? {
        var ready = 0.0
        for need in needs(of: op, rank: rank) {
            guard
                let end = need.isForward
                    ? forwardEnds[need.rank, need.cell]
                    : backwardEnds[need.rank, need.cell]
            else { return nil }
            ready = max(ready, end)
        }
        return ready
    }

    /// One result that an operation needs.
    private struct Need {
        var rank: Int
        var cell: PipelineCell
        var isForward: Bool
    }

    private func needs(of op: PipelineOp, rank: Int) -> [Need] {
        var needs: [Need] = []
        if let cell = op.forwardCell, let need = neighbour(of: cell, rank: rank, step: -1) {
            needs.append(need)
        }
        if let cell = op.backwardCell {
            needs.append(Need(rank: rank, cell: cell, isForward: true))
            if let need = neighbour(of: cell, rank: rank, step: 1) { needs.append(need) }
        }
        if case .backwardWeight(let cell) = op {
            needs.append(Need(rank: rank, cell: cell, isForward: false))
        }
        return needs
    }

    /// The same chunk one stage before (its forward) or after (its backward).
    private func neighbour(of cell: PipelineCell, rank: Int, step: Int) -> Need? {
        let topology = schedule.topology
        var place = topology.place(rank: rank, phase: cell.phase)
        place.stage += step
        guard (0..<topology.stageCount).contains(place.stage) else { return nil }
        let (rank, phase) = topology.location(of: place)
        return Need(
            rank: rank,
            cell: PipelineCell(phase: phase, chunk: cell.chunk),
            isForward: step < 0
        )
    }

    private func checkFinished() throws(PipelineError) {
        var waits: [String] = []
        for (rank, operations) in schedule.operations.enumerated()
        where spans[rank].count < operations.count {
            let op = operations[spans[rank].count]
            let missing = needs(of: op, rank: rank).first {
                ($0.isForward ? forwardEnds[$0.rank, $0.cell] : backwardEnds[$0.rank, $0.cell])
                    == nil
            }
            guard let missing else { continue }
            waits.append(
                "rank \(rank) cannot start \(op) before rank \(missing.rank) has done "
                    + "\(missing.isForward ? "F" : "B")\(missing.cell.phase) "
                    + "chunk \(missing.cell.chunk)"
            )
        }
        if waits.isEmpty { return }
        throw PipelineError(
            .deadlock,
            "the schedule deadlocks: \(waits.joined(separator: "; "))"
        )
    }

    /// Checks that each cell has one F, and one B or one Bi with one W (or none of them anywhere,
    /// in a forward-only schedule).
    private func checkCompleteness() throws(PipelineError) {
        let topology = schedule.topology
        guard schedule.operations.count == topology.rankCount else {
            throw PipelineError(
                .invalidSchedule,
                "the schedule lists \(schedule.operations.count) ranks, but its topology has "
                    + "\(topology.rankCount)"
            )
        }
        guard schedule.chunkCount.isMultiple(of: topology.routeCount), schedule.chunkCount >= 0
        else {
            throw PipelineError(
                .invalidSchedule,
                "chunks is \(schedule.chunkCount); \(topology.routeCount) routes need a multiple "
                    + "of their number"
            )
        }
        for (rank, operations) in schedule.operations.enumerated() {
            try CellCensus(schedule).check(operations, rank: rank, hasBackward: hasBackward)
        }
    }
}
