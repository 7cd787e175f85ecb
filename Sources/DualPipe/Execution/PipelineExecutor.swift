public import Collectives
import InfraCore
public import Tensors
import Traces

/// Runs a schedule on one rank, step after step.
///
/// Each rank makes one, with its own stages, on the thread that will run it. Messages are sent
/// the moment their content is known and travel while the rank computes; what arrives waits in
/// the rank's mailbox until it is needed, so every transfer is under way before the operation
/// that needs it begins. Messages carry their shapes: each edge may have its own.
///
/// Not thread-safe: one rank, one thread.
public final class PipelineExecutor<Stage: PipelineStage> {
    /// What every rank does in a training step.
    public let schedule: PipelineSchedule
    /// The pipeline's ranks.
    public let communicator: Communicator
    /// This rank's stages, one a phase.
    public let stages: [Stage]
    /// How it runs.
    public var options: PipelineOptions

    let placements: [StagePlacement]
    private let trainingOps: [PipelineOp]
    private let evaluationOps: [PipelineOp]

    /// Makes the executor of one rank.
    ///
    /// - Parameters:
    ///   - schedule: What every rank does; made for as many ranks as `communicator` has.
    ///   - communicator: The pipeline's ranks and nobody else.
    ///   - stages: This rank's stages, one a phase; which stage of the model each must be says
    ///     ``PipelineTopology/place(rank:phase:)``.
    ///   - options: How it runs.
    /// - Throws: ``PipelineErrorCode/invalidArguments`` if counts do not fit, or what
    ///   ``PipelineSimulation`` finds wrong with the schedule.
    public init(
        schedule: PipelineSchedule,
        communicator: Communicator,
        stages: [Stage],
        options: PipelineOptions = PipelineOptions()
    ) throws {
        let topology = schedule.topology
        guard communicator.rankCount == topology.rankCount else {
            throw PipelineError(
                .invalidArguments,
                "the communicator has \(communicator.rankCount) ranks, the schedule "
                    + "\(topology.rankCount); they must be equal"
            )
        }
        guard stages.count == topology.phaseCount else {
            throw PipelineError(
                .invalidArguments,
                "\(stages.count) stages were given; \(schedule.kind.rawValue) holds "
                    + "\(topology.phaseCount) on each rank"
            )
        }
        // A schedule that cannot end would end in a timeout on every rank; say so beforehand.
        let replay = try PipelineSimulation(schedule, times: try PipelineTimes())
        _ = try PipelineSimulation(replay.schedule.forwardOnly, times: try PipelineTimes())
        self.schedule = schedule
        self.communicator = communicator
        self.stages = stages
        self.options = options
        placements = stages.indices.map {
            StagePlacement(topology: topology, rank: communicator.rank, phase: $0)
        }
        trainingOps = schedule.operations[communicator.rank]
        evaluationOps = schedule.forwardOnly.operations[communicator.rank]
    }

    /// The route whose chunks enter the pipeline on this rank, if any.
    public var entryRoute: Int? { placements.first { $0.isFirst }?.place.route }
    /// The route whose chunks leave the pipeline on this rank, if any.
    public var exitRoute: Int? { placements.first { $0.isLast }?.place.route }

    /// Runs one training step over a batch.
    ///
    /// | kind | inputs on | labels on, losses from |
    /// |---|---|---|
    /// | 1F1B, ZB1P | rank 0 | rank P-1 |
    /// | DualPipe | rank 0 (route 0), rank P-1 (route 1), half the batch each | rank P-1 (route 0), rank 0 (route 1) |
    /// | DualPipeV | rank 0 | rank 0 |
    ///
    /// - Parameters:
    ///   - inputs: On the ranks above, tensors `[B, ...]`, B a multiple of
    ///     ``PipelineSchedule/chunksPerRoute``; empty elsewhere.
    ///   - labels: As `inputs`, on the ranks above; empty elsewhere.
    ///   - loss: Called on the ranks that have labels.
    /// - Returns: Losses, outputs and timings of this rank.
    /// - Throws: ``PipelineErrorCode/invalidBatch`` or ``PipelineErrorCode/invalidArguments``
    ///   before anything runs; a stage's error; `TransportError`.
    public func step(
        inputs: [HostTensor] = [],
        labels: [HostTensor] = [],
        loss: PipelineLoss
    ) throws -> PipelineStepResult {
        let count = schedule.chunksPerRoute
        return try step(
            chunkInputs: try inputs.isEmpty
                ? [] : PipelineBatch.chunks(of: inputs, count: count, what: "inputs"),
            chunkLabels: try labels.isEmpty
                ? [] : PipelineBatch.chunks(of: labels, count: count, what: "labels"),
            loss: loss
        )
    }

    /// Runs one training step over chunks that were cut before.
    ///
    /// - Parameters:
    ///   - chunkInputs: One list a chunk on ranks where a route enters, none elsewhere.
    ///   - chunkLabels: One list a chunk on ranks where a route ends, none elsewhere.
    ///   - loss: Called on the ranks that have labels.
    /// - Returns: As ``step(inputs:labels:loss:)``.
    public func step(
        chunkInputs: [[HostTensor]],
        chunkLabels: [[HostTensor]],
        loss: PipelineLoss
    ) throws -> PipelineStepResult {
        try check(chunkInputs, "inputs", needed: entryRoute != nil, isOptional: false)
        try check(chunkLabels, "labels", needed: exitRoute != nil, isOptional: false)
        return try withoutActuallyEscaping(loss) { loss in
            var run = PipelineRun(
                executor: self,
                inputs: chunkInputs,
                labels: chunkLabels,
                loss: loss,
                isTraining: true
            )
            let result = try run.run(trainingOps)
            if schedule.kind == .dualPipe, options.reducesMirroredGradients {
                try reduceMirroredGradients()
            }
            return result
        }
    }

    /// Runs the forward passes of a batch, nothing else.
    ///
    /// - Parameters:
    ///   - inputs: As in ``step(inputs:labels:loss:)``.
    ///   - labels: As there, or empty everywhere: then no loss is computed.
    ///   - loss: Called where there are labels; its gradients are dropped.
    /// - Returns: The losses, and the outputs whatever the options say.
    public func evaluate(
        inputs: [HostTensor] = [],
        labels: [HostTensor] = [],
        loss: PipelineLoss? = nil
    ) throws -> PipelineStepResult {
        let count = schedule.chunksPerRoute
        let chunkInputs =
            try inputs.isEmpty
            ? [] : PipelineBatch.chunks(of: inputs, count: count, what: "inputs")
        let chunkLabels =
            try labels.isEmpty
            ? [] : PipelineBatch.chunks(of: labels, count: count, what: "labels")
        try check(chunkInputs, "inputs", needed: entryRoute != nil, isOptional: false)
        try check(chunkLabels, "labels", needed: exitRoute != nil, isOptional: loss == nil)
        guard let loss else {
            var run = PipelineRun(
                executor: self,
                inputs: chunkInputs,
                labels: [],
                loss: nil,
                isTraining: false
            )
            return try run.run(evaluationOps)
        }
        return try withoutActuallyEscaping(loss) { loss in
            var run = PipelineRun(
                executor: self,
                inputs: chunkInputs,
                labels: chunkLabels,
                loss: loss,
                isTraining: false
            )
            return try run.run(evaluationOps)
        }
    }

    private func check(
        _ chunks: [[HostTensor]],
        _ what: String,
        needed: Bool,
        isOptional: Bool
    ) throws(PipelineError) {
        let count = needed ? schedule.chunksPerRoute : 0
        if chunks.count == count || (isOptional && chunks.isEmpty) { return }
        throw PipelineError(
            .invalidArguments,
            "\(what) hold \(chunks.count) chunks on rank \(communicator.rank) of "
                + "\(schedule.rankCount); \(schedule.kind.rawValue) needs \(count) there"
        )
    }
}
