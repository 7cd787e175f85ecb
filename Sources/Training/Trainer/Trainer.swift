import Collectives
public import DeepSeekModel
import DualPipe
import InfraCore
public import Traces
import Transport

/// Trains a DeepSeek-V3 model on CPU ranks: a pipeline of layers, experts spread over ranks,
/// AdamW, balancing without an auxiliary loss, and checkpoints that a run resumes from exactly.
///
/// A rank is a thread of this process. If the checkpoint folder holds a checkpoint, the run goes
/// on from it; the steps that follow are bit for bit those of a run that never stopped.
public struct Trainer: Sendable {
    private let plan: TrainingPlan

    /// Prepares a run; nothing is computed or written yet.
    ///
    /// - Parameters:
    ///   - configuration: The model. Tied embeddings, attention biases, stretched contexts,
    ///     quantised weights and prediction modules are refused.
    ///   - settings: How it is trained.
    ///   - stream: What it is trained on.
    ///   - checkpointFolder: Where checkpoints are read from and written to.
    ///   - writeTokenizer: Writes the tokenizer's files into the folder it is given.
    /// - Throws: ``TrainingErrorCode/invalidConfiguration``, or what the model's or the
    ///   schedule's own checks find.
    public init(
        configuration: ModelConfiguration,
        settings: TrainingSettings,
        stream: TokenStream,
        checkpointFolder: String,
        writeTokenizer: @escaping @Sendable (String) throws -> Void
    ) throws {
        plan = try TrainingPlan(
            configuration: configuration,
            settings: settings,
            stream: stream,
            checkpointFolder: checkpointFolder,
            writeTokenizer: writeTokenizer
        )
    }

    /// Trains to the last step.
    ///
    /// - Parameters:
    ///   - recorder: Takes the operations of the last step, one row a rank.
    ///   - observe: Called after each step, on a thread of the run.
    /// - Returns: Every step, and where the last checkpoint lies.
    /// - Throws: ``TrainingErrorCode/diverged``, ``TrainingErrorCode/checkpointUnusable``,
    ///   ``TrainingErrorCode/fileFailure``, or the error of the rank that failed first.
    public func run(
        recorder: TraceRecorder = TraceRecorder(),
        observe: @escaping @Sendable (TrainingStep) -> Void = { _ in }
    ) async throws -> TrainingResult {
        let plan = plan
        for rank in 0..<plan.settings.expertRanks {
            recorder.nameProcess(.number(rank), "pipeline \(rank)", sortIndex: rank)
        }
        let outcomes = try await RankGroup.run(rankCount: plan.settings.rankCount) { transport in
            try Self.runRank(
                plan,
                Communicator(
                    world: transport,
                    timeout: .seconds(plan.settings.timeoutSeconds)
                ),
                recorder,
                observe
            )
        }
        guard let first = outcomes.first, let newest = plan.store.newest() else {
            throw TrainingError(.checkpointUnusable, "the run left no checkpoint")
        }
        return TrainingResult(
            steps: first.history,
            checkpointPath: newest.path,
            resumedAfterStep: first.resumedAfterStep,
            schedule: plan.schedule,
            timings: stride(from: 0, to: outcomes.count, by: plan.settings.expertRanks).map {
                outcomes[$0].timings
            },
            parameterCount: first.parameterCount
        )
    }

    /// The held-out sequences that ``TrainingStep/heldOutLoss`` is measured on.
    public var heldOutBatches: [TokenStream.Batch] { plan.heldOutBatches() }

    private static func runRank(
        _ plan: TrainingPlan,
        _ world: Communicator,
        _ recorder: TraceRecorder,
        _ observe: (TrainingStep) -> Void
    ) throws -> TrainingOutcome {
        let share = plan.settings.expertRanks
        let first = world.rank / share * share
        let experts = try world.subset(Array(first..<first + share), named: "experts")
        let expertCount = plan.configuration.routedExpertCount
        if share == 1 {
            return try TrainingRank(
                plan,
                world: world,
                experts: experts,
                exchange: LocalExpertExchange(expertCount: expertCount),
                recorder: recorder
            ).run(observe: observe)
        }
        return try TrainingRank(
            plan,
            world: world,
            experts: experts,
            exchange: CommunicatorExpertExchange(communicator: experts, expertCount: expertCount),
            recorder: recorder
        ).run(observe: observe)
    }
}
