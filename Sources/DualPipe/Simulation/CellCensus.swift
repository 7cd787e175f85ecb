import InfraCore

/// Counts what a rank does to each of its cells and refuses what cannot be right.
struct CellCensus {
    private let phaseCount: Int
    private let chunksPerRoute: Int

    init(_ schedule: PipelineSchedule) {
        phaseCount = schedule.topology.phaseCount
        chunksPerRoute = schedule.chunksPerRoute
    }

    /// - Throws: ``PipelineErrorCode/invalidSchedule``, naming rank and cell.
    func check(
        _ operations: [PipelineOp],
        rank: Int,
        hasBackward: Bool
    ) throws(PipelineError) {
        let cellCount = phaseCount * chunksPerRoute
        var forwards = [Int](repeating: 0, count: cellCount)
        var backwards = forwards
        var weights = forwards
        for op in operations {
            for cell in [op.forwardCell, op.backwardCell, op.weightCell].compactMap(\.self) {
                guard (0..<phaseCount).contains(cell.phase),
                    (0..<chunksPerRoute).contains(cell.chunk)
                else {
                    throw PipelineError(
                        .invalidSchedule,
                        "rank \(rank) has \(op), but phases are 0..<\(phaseCount) and chunks "
                            + "0..<\(chunksPerRoute)"
                    )
                }
            }
            if let cell = op.forwardCell { forwards[index(cell)] += 1 }
            if let cell = op.backwardCell { backwards[index(cell)] += 1 }
            if let cell = op.weightCell { weights[index(cell)] += 1 }
        }
        let wanted = hasBackward ? 1 : 0
        try check(forwards, wanted: 1, rank: rank, what: "forward passes")
        try check(backwards, wanted: wanted, rank: rank, what: "input gradients")
        try check(weights, wanted: wanted, rank: rank, what: "weight gradients")
    }

    private func check(
        _ counts: [Int],
        wanted: Int,
        rank: Int,
        what: String
    ) throws(PipelineError) {
        guard let wrong = counts.firstIndex(where: { $0 != wanted }) else { return }
        throw PipelineError(
            .invalidSchedule,
            "rank \(rank) has \(counts[wrong]) \(what) of phase \(wrong / chunksPerRoute) chunk "
                + "\(wrong % chunksPerRoute); each cell needs exactly \(wanted)"
        )
    }

    private func index(_ cell: PipelineCell) -> Int { cell.phase * chunksPerRoute + cell.chunk }
}
