/// Where a rank's stage stands in its route, and with whom it talks.
struct StagePlacement {
    let place: PipelineTopology.Place
    let isFirst: Bool
    let isLast: Bool
    /// The rank before, which sends inputs; `nil` for the first stage.
    let previousRank: Int?
    /// The rank after, which sends output gradients; `nil` for the last stage.
    let nextRank: Int?
    private let topology: PipelineTopology

    init(topology: PipelineTopology, rank: Int, phase: Int) {
        self.topology = topology
        let place = topology.place(rank: rank, phase: phase)
        self.place = place
        isFirst = place.stage == 0
        isLast = place.stage == topology.stageCount - 1
        func neighbour(_ stage: Int) -> Int {
            topology.location(of: .init(route: place.route, stage: stage)).rank
        }
        previousRank = isFirst ? nil : neighbour(place.stage - 1)
        nextRank = isLast ? nil : neighbour(place.stage + 1)
    }

    /// The stream of a chunk's activations into a stage of this route.
    func activations(into stage: Int, chunk: Int) -> UInt64 {
        stream(stage: stage, chunk: chunk, direction: 0)
    }

    /// The stream of a chunk's gradients into a stage of this route.
    func gradients(into stage: Int, chunk: Int) -> UInt64 {
        stream(stage: stage, chunk: chunk, direction: 1)
    }

    /// Every chunk on every edge has a stream of its own, so that ranks may take them in any order.
    private func stream(stage: Int, chunk: Int, direction: Int) -> UInt64 {
        let edge = (stage * topology.routeCount + place.route) * 2 + direction
        return 1 + UInt64(chunk * topology.stageCount * topology.routeCount * 2 + edge)
    }

    /// The stream on which DualPipe's stage copies exchange gradients.
    static let mirroredGradients: UInt64 = 0
}
