import Collectives
import InfraCore
import Tensors
import Traces

extension PipelineExecutor {
    /// Sends a chunk's outputs to the rank of the next stage, if that is another one.
    func sendOutputs(_ outputs: [HostTensor], of cell: PipelineCell) throws {
        let placement = placements[cell.phase]
        guard let rank = placement.nextRank, rank != communicator.rank else { return }
        let stream = placement.activations(into: placement.place.stage + 1, chunk: cell.chunk)
        try recordingSend(to: rank) {
            try communicator.send(outputs, to: rank, stream: stream)
        }
    }

    /// Sends the gradients of a chunk's inputs to the rank of the previous stage.
    func sendGradients(_ gradients: [HostTensor?], of cell: PipelineCell) throws {
        let placement = placements[cell.phase]
        guard let rank = placement.previousRank, rank != communicator.rank else { return }
        let stream = placement.gradients(into: placement.place.stage - 1, chunk: cell.chunk)
        try recordingSend(to: rank) {
            try communicator.send(gradients, to: rank, stream: stream)
        }
    }

    private func recordingSend(to rank: Int, _ send: () throws -> Void) throws {
        guard let clock = options.recorder?.clock else { return try send() }
        let start = clock.nanoseconds
        try send()
        recordMessage("send to rank \(rank)", from: start, to: clock.nanoseconds)
    }

    /// Records a message inside the operation that sends it or waits for it. The category tells
    /// an analysis of the trace that the rank did not compute meanwhile.
    func recordMessage(_ name: String, from start: UInt64, to end: UInt64) {
        options.recorder?.span(
            name,
            category: "communication",
            process: options.traceProcess,
            thread: .number(communicator.rank),
            from: start,
            to: end
        )
    }

    /// DualPipe: replaces the gradients of both copies of each stage by their sum.
    ///
    /// Rank r's phase 0 and rank P-1-r's phase 1 are the same stage. A sum of two is the same in
    /// either order, so both copies get the same bits. ``step(inputs:labels:loss:)`` does this by
    /// itself unless ``PipelineOptions/reducesMirroredGradients`` is off; whoever accumulates over
    /// several steps turns it off and calls this once at the end.
    ///
    /// - Throws: ``PipelineErrorCode/gradientMismatch``, or `TransportError`.
    public func reduceMirroredGradients() throws {
        let mirror = communicator.rankCount - 1 - communicator.rank
        let counts = stages.map(\.gradients.count)
        try communicator.send(
            stages.flatMap(\.gradients),
            to: mirror,
            stream: StagePlacement.mirroredGradients
        )
        let theirs = try communicator.receive(
            from: mirror,
            stream: StagePlacement.mirroredGradients
        )
        guard theirs.count == counts[0] + counts[1] else {
            throw PipelineError(
                .gradientMismatch,
                "rank \(mirror) has \(theirs.count) gradients, rank \(communicator.rank) has "
                    + "\(counts[0] + counts[1]); the two copies of a stage must have the same"
            )
        }
        // Their phase 1 is our phase 0, and they list phase 0 first.
        try add(Array(theirs[counts[1]...]), to: stages[0], mirror: mirror)
        try add(Array(theirs[..<counts[1]]), to: stages[1], mirror: mirror)
    }

    private func add(_ others: [HostTensor?], to stage: Stage, mirror: Int) throws {
        var sums = stage.gradients
        for (index, other) in others.enumerated() {
            guard let other else { continue }
            guard let own = sums[index] else {
                sums[index] = other
                continue
            }
            guard own.shape == other.shape, own.dtype == other.dtype else {
                throw PipelineError(
                    .gradientMismatch,
                    "gradient \(index) is \(own.dtype.rawValue) \(own.shape) on rank "
                        + "\(communicator.rank) and \(other.dtype.rawValue) \(other.shape) on rank "
                        + "\(mirror); the two copies of a stage must be alike"
                )
            }
            sums[index] = try OrderedSum.sum([own, other])
        }
        stage.gradients = sums
    }
}
