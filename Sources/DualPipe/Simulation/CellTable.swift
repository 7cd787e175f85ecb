/// A time for each cell of each rank, once it is known.
struct CellTable {
    private var times: [Double?]
    private let phaseCount: Int
    private let chunksPerRoute: Int

    init(_ schedule: PipelineSchedule) {
        phaseCount = schedule.topology.phaseCount
        chunksPerRoute = schedule.chunksPerRoute
        times = Array(repeating: nil, count: schedule.rankCount * phaseCount * chunksPerRoute)
    }

    subscript(rank: Int, cell: PipelineCell) -> Double? {
        get { times[index(rank, cell)] }
        set { times[index(rank, cell)] = newValue }
    }

    private func index(_ rank: Int, _ cell: PipelineCell) -> Int {
        (rank * phaseCount + cell.phase) * chunksPerRoute + cell.chunk
    }
}
