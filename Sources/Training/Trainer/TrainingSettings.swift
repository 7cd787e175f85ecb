public import DualPipe
public import InfraCore

/// How a model is trained: batch, pipeline, optimizer and checkpoints.
public struct TrainingSettings: Sendable, Equatable, Codable {
    /// Everything random follows from this.
    public var seed: UInt64 = 1
    /// How many optimizer steps the run takes in all, counted from the first start.
    public var steps = 300
    /// Sequences of a microbatch, B.
    public var sequencesPerChunk = 8
    /// Tokens of a sequence, T.
    public var sequenceLength = 128
    /// Microbatches a step and data-parallel rank, C.
    public var chunks = 4
    /// The pipeline schedule; DualPipe itself is refused, because it holds every stage twice.
    public var schedule = PipelineKind.dualPipeV
    /// Ranks of one pipeline.
    public var pipelineRanks = 2
    /// Ranks that share the experts and split the batch.
    public var expertRanks = 1
    /// The learning rate at the top of the schedule.
    public var learningRate: Float = 3e-3
    /// Over how many steps the rate rises.
    public var warmupSteps = 20
    /// AdamW's decoupled decay.
    public var weightDecay: Float = 0.1
    /// The largest norm of all gradients together.
    public var maximumGradientNorm = 1.0
    /// How far a step of balancing moves an expert's bias.
    public var balanceSpeed: Float = 1e-3
    /// A checkpoint is written after this many steps, and after the last.
    public var checkpointInterval = 100
    /// The held-out loss is measured after this many steps, and after the last.
    public var evaluationInterval = 50
    /// How many batches of ``chunks`` microbatches the held-out loss is the mean of, at most: a
    /// small corpus may hold fewer.
    public var evaluationRounds = 8
    /// How long a rank waits for another before the run fails, in seconds.
    public var timeoutSeconds = 120

    /// The defaults, meant for two cores and a few minutes.
    public init() {}

    /// Tokens that one optimizer step learns from, over all ranks.
    public var tokensPerStep: Int {
        chunks * sequencesPerChunk * sequenceLength * expertRanks
    }

    /// How many ranks run.
    public var rankCount: Int { pipelineRanks * expertRanks }

    /// Checks every value.
    ///
    /// - Throws: ``TrainingErrorCode/invalidConfiguration`` naming the first that does not fit.
    public func validate() throws(TrainingError) {
        let positive = [
            ("steps", steps), ("sequencesPerChunk", sequencesPerChunk),
            ("sequenceLength", sequenceLength), ("chunks", chunks),
            ("pipelineRanks", pipelineRanks), ("expertRanks", expertRanks),
            ("checkpointInterval", checkpointInterval), ("evaluationInterval", evaluationInterval),
            ("evaluationRounds", evaluationRounds),
            ("timeoutSeconds", timeoutSeconds),
        ]
        for (name, value) in positive where value < 1 {
            throw TrainingError(
                .invalidConfiguration,
                "\(name) is \(value); it must be at least 1"
            )
        }
        guard sequenceLength < TokenStream.blockLength else {
            throw TrainingError(
                .invalidConfiguration,
                "sequenceLength is \(sequenceLength); it must be below \(TokenStream.blockLength)"
            )
        }
        guard schedule != .dualPipe else {
            throw TrainingError(
                .invalidConfiguration,
                "schedule is dualpipe, which holds every stage twice; use dualpipev"
            )
        }
        guard learningRate > 0, learningRate.isFinite, warmupSteps >= 0 else {
            throw TrainingError(
                .invalidConfiguration,
                "learningRate is \(learningRate) with \(warmupSteps) warm-up steps; the rate must "
                    + "be positive and finite, the steps not negative"
            )
        }
    }
}
