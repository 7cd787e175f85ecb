public import DualPipe

/// What one optimizer step did.
public struct TrainingStep: Sendable, Codable, Equatable {
    /// The step's number, from 1.
    public var step: Int
    /// The mean loss of the step's tokens, in nats.
    public var loss: Double
    /// The learning rate used.
    public var learningRate: Float
    /// The norm of all gradients before clipping.
    public var gradientNorm: Double
    /// How often each expert was chosen, a row for each mixture-of-experts layer in model order.
    public var expertLoads: [[Int]]
    /// How long the step took, in seconds.
    public var seconds: Double
    /// The loss on held-out text after the step, in nats a token, if it was measured.
    public var heldOutLoss: Double?
}

/// A finished run.
public struct TrainingResult: Sendable {
    /// Every step since the run first started, those before a resume included.
    public var steps: [TrainingStep]
    /// The newest checkpoint.
    public var checkpointPath: String
    /// The step this start began after: 0, or where a checkpoint left off.
    public var resumedAfterStep: Int
    /// The schedule every rank followed.
    public var schedule: PipelineSchedule
    /// When each operation of the last step ran, one list a pipeline rank (those of the first
    /// expert-parallel rank); empty if no step ran.
    public var timings: [[PipelineOpTiming]]
    /// How many numbers the model learns.
    public var parameterCount: Int

    /// The last held-out loss, in nats a token.
    public var heldOutLoss: Double? { steps.last { $0.heldOutLoss != nil }?.heldOutLoss }
}
