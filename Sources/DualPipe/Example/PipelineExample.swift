public import Collectives
import InfraCore
public import Tensors
public import Traces

/// A complete training step of a small model on any schedule, and the same step without a
/// pipeline to compare it with: what `openinfra dualpipe run` executes.
public struct PipelineExample: Sendable {
    /// What every rank does.
    public let schedule: PipelineSchedule
    /// The size of activations.
    public let width: Int
    /// The size of the stages' inner layer.
    public let hidden: Int
    /// The rows of one chunk.
    public let rowsPerChunk: Int
    /// Decides weights and batch.
    public let seed: UInt64

    /// Describes an example.
    public init(
        schedule: PipelineSchedule,
        width: Int = 32,
        hidden: Int = 64,
        rowsPerChunk: Int = 4,
        seed: UInt64 = 233
    ) {
        self.schedule = schedule
        self.width = width
        self.hidden = hidden
        self.rowsPerChunk = rowsPerChunk
        self.seed = seed
    }

    /// The stage with this number; every copy has the same weights.
    public func stage(_ index: Int) -> FeedForwardStage {
        FeedForwardStage(width: width, hidden: hidden, seed: seed &+ 1000 &+ UInt64(index))
    }

    /// The share of the batch that travels a route: inputs and labels, `[chunks * rows, width]`.
    public func batch(route: Int) -> (inputs: HostTensor, labels: HostTensor) {
        var random = SeededRandom(seed: seed &+ UInt64(route))
        let shape = [schedule.chunksPerRoute * rowsPerChunk, width]
        func draw() -> HostTensor {
            HostTensor((0..<shape[0] * shape[1]).map { _ in random.normal() }, shape: shape)
        }
        return (draw(), draw())
    }

    /// The mean squared difference of a chunk, and its gradient.
    public static func loss(
        _ outputs: [HostTensor],
        _ labels: [HostTensor],
        _ chunk: Int
    ) throws -> (loss: Double, outputGradients: [HostTensor?]) {
        var gradient = HostTensor(uninitialized: outputs[0].shape)
        let count = outputs[0].elementCount
        var sum = 0.0
        outputs[0].withUnsafeElements(of: Float.self) { output in
            labels[0].withUnsafeElements(of: Float.self) { label in
                gradient.withUnsafeMutableElements(of: Float.self) { target in
                    for index in target.indices {
                        let difference = output[index] - label[index]
                        sum += Double(difference) * Double(difference)
                        target[index] = 2 * difference / Float(count)
                    }
                }
            }
        }
        return (sum / Double(count), [gradient])
    }

    /// Runs the batch through all stages on this thread, chunk by chunk, without any pipeline.
    ///
    /// - Returns: For each route the losses of its chunks, and for each stage its gradients.
    public func runSequentially() throws -> (losses: [[Double]], gradients: [[HostTensor]]) {
        let stages = (0..<schedule.topology.stageCount).map(stage)
        var losses: [[Double]] = []
        for route in 0..<schedule.topology.routeCount {
            let batch = batch(route: route)
            let count = schedule.chunksPerRoute
            let inputs = try PipelineBatch.chunks(of: [batch.inputs], count: count)
            let labels = try PipelineBatch.chunks(of: [batch.labels], count: count)
            losses.append(
                try (0..<count).map { chunk in
                    try runChunk(stages, inputs[chunk], labels[chunk], chunk)
                }
            )
        }
        return (losses, stages.map { $0.gradients.compactMap(\.self) })
    }

    private func runChunk(
        _ stages: [FeedForwardStage],
        _ inputs: [HostTensor],
        _ labels: [HostTensor],
        _ chunk: Int
    ) throws -> Double {
        var values = inputs
        var contexts: [FeedForwardStage.Context] = []
        for stage in stages {
            let (outputs, context) = try stage.forward(inputs: values, chunk: chunk)
            values = outputs
            contexts.append(context)
        }
        var (loss, gradients) = try Self.loss(values, labels, chunk)
        for (index, stage) in stages.enumerated().reversed() {
            gradients = try stage.backwardInput(
                outputGradients: gradients,
                context: &contexts[index]
            )
            try stage.backwardWeight(context: contexts[index])
        }
        return loss
    }

    /// Runs an evaluation, a step to warm up and a measured step on one rank.
    ///
    /// - Parameters:
    ///   - communicator: The pipeline's ranks; all of them call this.
    ///   - recorder: Where the measured step is recorded; `nil` for nowhere.
    /// - Returns: What came out on this rank.
    public func run(
        on communicator: Communicator,
        recorder: TraceRecorder? = nil
    ) throws -> PipelineExampleOutcome {
        let topology = schedule.topology
        let rank = communicator.rank
        let stages = (0..<topology.phaseCount).map {
            stage(topology.place(rank: rank, phase: $0).stage)
        }
        let executor = try PipelineExecutor(
            schedule: schedule,
            communicator: communicator,
            stages: stages
        )
        let inputs = executor.entryRoute.map { [batch(route: $0).inputs] } ?? []
        let labels = executor.exitRoute.map { [batch(route: $0).labels] } ?? []
        let evaluation = try executor.evaluate(inputs: inputs, labels: labels, loss: Self.loss)
        _ = try executor.step(inputs: inputs, labels: labels, loss: Self.loss)
        for stage in stages { stage.clearGradients() }
        executor.options.measuresOperations = true
        executor.options.recorder = recorder
        try communicator.barrier()
        let result = try executor.step(inputs: inputs, labels: labels, loss: Self.loss)
        return PipelineExampleOutcome(
            losses: result.losses,
            evaluationLosses: evaluation.losses,
            gradients: stages.map { $0.gradients.compactMap(\.self) },
            timings: result.timings
        )
    }
}
