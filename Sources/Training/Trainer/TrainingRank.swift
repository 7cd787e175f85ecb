import Collectives
import DeepSeekModel
import DualPipe
import InfraCore
import Operators
import Tensors
import Traces

/// What one rank brings back from a run.
struct TrainingOutcome: Sendable {
    var history: [TrainingStep]
    var timings: [PipelineOpTiming]
    var parameterCount: Int
    var resumedAfterStep: Int
}

/// One rank of a run: its stages, its optimizer, and its part in every step.
///
/// World rank = pipeline rank · expert ranks + expert rank. The ranks of one pipeline exchange
/// activations; the ranks that stand at the same place of different pipelines share the experts
/// and hold copies of everything else.
final class TrainingRank<Exchange: ExpertExchange> {
    typealias Stage = ModelStage<Exchange>

    let plan: TrainingPlan
    let world: Communicator
    private let experts: Communicator
    private let executor: PipelineExecutor<Stage>
    private let expertRank: Int
    private let recorder: TraceRecorder
    /// Everything gradients reach on this rank.
    private let parameters: [Parameter]
    private let mixtures: [MixtureOfExpertsLayer<Exchange>]
    /// The layer number of each of ``mixtures``.
    private let mixtureLayers: [Int]
    private let biases: [Parameter]
    private var optimizer: AdamW
    private var history: [TrainingStep] = []
    private var timings: [PipelineOpTiming] = []

    init(
        _ plan: TrainingPlan,
        world: Communicator,
        experts: Communicator,
        exchange: Exchange,
        recorder: TraceRecorder
    ) throws {
        let settings = plan.settings
        self.plan = plan
        self.world = world
        self.experts = experts
        self.recorder = recorder
        expertRank = experts.rank
        let pipelineRank = world.rank / settings.expertRanks
        let pipeline = try world.subset(
            (0..<settings.pipelineRanks).map { $0 * settings.expertRanks + experts.rank },
            named: "pipeline"
        )
        let topology = plan.schedule.topology
        let indices = (0..<topology.phaseCount).map {
            topology.place(rank: pipelineRank, phase: $0).stage
        }
        let stages = try indices.map { index in
            try Stage(
                index: index,
                of: topology.stageCount,
                plan.configuration,
                sequenceLength: settings.sequenceLength,
                exchange: exchange,
                seed: settings.seed
            )
        }
        var options = PipelineOptions()
        options.measuresOperations = true
        options.traceProcess = .number(experts.rank)
        executor = try PipelineExecutor(
            schedule: plan.schedule,
            communicator: pipeline,
            stages: stages,
            options: options
        )
        recorder.nameThread(
            process: options.traceProcess,
            thread: .number(pipelineRank),
            "rank \(pipelineRank)",
            sortIndex: pipelineRank
        )
        parameters = stages.flatMap(\.parameters)
        mixtures = stages.flatMap(\.mixtures)
        mixtureLayers = indices.flatMap { index in
            Stage.layers(of: index, topology.stageCount, plan.configuration.layerCount)
                .filter(plan.configuration.isMixtureOfExperts(layer:))
        }
        biases = stages.flatMap(\.correctionBiases)
        optimizer = AdamW(parameters, weightDecay: settings.weightDecay)
    }

    /// Trains to the last step.
    ///
    /// - Parameter observe: Called on world rank 0 after each step.
    func run(observe: (TrainingStep) -> Void) throws -> TrainingOutcome {
        let settings = plan.settings
        if let newest = plan.store.newest() { try restore(newest.path) }
        let resumed = optimizer.step
        while optimizer.step < settings.steps {
            let record = try trainStep(optimizer.step)
            history.append(record)
            let isLast = optimizer.step == settings.steps
            if isLast || optimizer.step.isMultiple(of: settings.evaluationInterval) {
                history[history.count - 1].heldOutLoss = try evaluate()
            }
            if world.rank == 0, let last = history.last { observe(last) }
            if isLast || optimizer.step.isMultiple(of: settings.checkpointInterval) {
                try save()
            }
        }
        return TrainingOutcome(
            history: history,
            timings: timings,
            parameterCount: try count(),
            resumedAfterStep: resumed
        )
    }

    // MARK: - One step

    private func trainStep(_ step: Int) throws -> TrainingStep {
        let settings = plan.settings
        let start = ContinuousClock.now
        for parameter in parameters { parameter.clearGradient() }
        for mixture in mixtures { mixture.resetLoads() }
        executor.options.recorder = step == settings.steps - 1 ? recorder : nil
        let isAnEnd = executor.entryRoute != nil || executor.exitRoute != nil
        let batches = (0..<(isAnEnd ? settings.chunks : 0)).map { chunk in
            plan.stream.batch(
                seed: settings.seed,
                step: step,
                chunk: expertRank * settings.chunks + chunk,
                sequences: settings.sequencesPerChunk,
                length: settings.sequenceLength
            )
        }
        let result = try executor.step(
            chunkInputs: executor.entryRoute == nil ? [] : batches.map { [$0.tokens] },
            chunkLabels: executor.exitRoute == nil ? [] : batches.map { [$0.targets] },
            loss: loss(scale: 1 / Float(settings.tokensPerStep))
        )
        timings = result.timings
        // What follows the step, evaluation included, is not part of its trace.
        executor.options.recorder = nil
        try reduceReplicatedGradients()
        let summary = try summarize(result.losses)
        let norm = summary.squaredNorm.squareRoot()
        let mean = summary.loss / Double(settings.tokensPerStep)
        guard norm.isFinite, mean.isFinite else {
            throw TrainingError(
                .diverged,
                "step \(step + 1): loss \(mean), gradient norm \(norm); lower the learning rate "
                    + "(\(settings.learningRate)) or the maximum norm"
            )
        }
        let rate = plan.rates.rate(step: step)
        optimizer.update(
            learningRate: rate,
            gradientScale: GradientClipping.scale(
                norm: norm,
                maximum: settings.maximumGradientNorm
            )
        )
        for (bias, layer) in zip(biases, mixtureLayers) {
            ExpertBalancer.update(
                &bias.value,
                loads: summary.loads[layer] ?? [],
                speed: settings.balanceSpeed
            )
        }
        let seconds = ContinuousClock.now - start
        return TrainingStep(
            step: step + 1,
            loss: mean,
            learningRate: rate,
            gradientNorm: norm,
            expertLoads: summary.loads.sorted { $0.key < $1.key }.map(\.value),
            seconds: seconds / .seconds(1)
        )
    }

    private func loss(scale: Float) -> PipelineLoss {
        { outputs, labels, _ in
            let result = try CrossEntropy.lossAndGradient(
                logits: outputs[0],
                targets: labels[0],
                gradientScale: scale
            )
            return (result.loss, [result.gradient])
        }
    }

    /// Sums the gradients of everything but experts over the data-parallel ranks.
    private func reduceReplicatedGradients() throws {
        guard experts.rankCount > 1 else { return }
        let replicated = parameters.filter { !$0.isExpert }
        let sums = try experts.allReduceSum(replicated.map(\.gradient))
        for (parameter, sum) in zip(replicated, sums) { parameter.gradient = sum }
    }

    /// What all ranks together know of a step.
    private struct Summary {
        var squaredNorm = 0.0
        var loss = 0.0
        var loads: [Int: [Int]] = [:]
    }

    /// Gathers norm, loss and loads in one exchange and adds them in the order of the ranks, so
    /// that every rank goes on with the same bits.
    private func summarize(_ losses: [Double]) throws -> Summary {
        var squares = 0.0
        // Replicas hold equal gradients: only the first counts them.
        for parameter in parameters where parameter.isExpert || expertRank == 0 {
            squares += GradientClipping.squaredNorm(parameter.gradient)
        }
        let numbers = [squares, losses.reduce(0, +)].map { Int64(bitPattern: $0.bitPattern) }
        let loads = zip(mixtureLayers, mixtures).map { layer, mixture in
            HostTensor([Int64(layer)] + mixture.loads.map { Int64($0) })
        }
        var summary = Summary()
        for list in try world.allGather([HostTensor(numbers)] + loads) {
            let rows = list.compactMap { $0?.elements(of: Int64.self) }
            guard let numbers = rows.first, numbers.count == 2 else { continue }
            summary.squaredNorm += Double(bitPattern: UInt64(bitPattern: numbers[0]))
            summary.loss += Double(bitPattern: UInt64(bitPattern: numbers[1]))
            for row in rows.dropFirst() {
                let counts = row.dropFirst().map { Int($0) }
                if let known = summary.loads[Int(row[0])] {
                    summary.loads[Int(row[0])] = zip(known, counts).map { $0 + $1 }
                } else {
                    summary.loads[Int(row[0])] = counts
                }
            }
        }
        return summary
    }

    // MARK: - Evaluation

    /// The mean loss on held-out text, in nats a token.
    private func evaluate() throws -> Double {
        let batches = plan.heldOutBatches()
        let rounds = batches.count / plan.settings.expertRanks
        var losses: [Double] = []
        for round in 0..<rounds {
            let batch = batches[round * plan.settings.expertRanks + expertRank]
            losses += try executor.evaluate(
                inputs: executor.entryRoute == nil ? [] : [batch.tokens],
                labels: executor.exitRoute == nil ? [] : [batch.targets],
                loss: loss(scale: 0)
            ).losses
        }
        let tokens = rounds * plan.settings.tokensPerStep
        return try summarize(losses).loss / Double(tokens)
    }

    // MARK: - Checkpoints

    private func save() throws {
        let (rank, count) = (world.rank, world.rankCount)
        let folder = plan.store.path(step: optimizer.step) + CheckpointStore.partialSuffix
        if rank == 0 { _ = try plan.store.begin(step: optimizer.step) }
        try world.barrier()
        let owns = { (parameter: Parameter) in parameter.isExpert || self.expertRank == 0 }
        var model: [String: HostTensor] = [:]
        for parameter in parameters + biases where owns(parameter) {
            model[parameter.name] = parameter.value
        }
        try SafetensorsWriter.write(
            tensors: model,
            metadata: ["format": "pt"],
            to: "\(folder)/\(TensorShards.modelFile(rank: rank, of: count))"
        )
        var moments: [String: HostTensor] = [:]
        for (index, parameter) in parameters.enumerated() where owns(parameter) {
            moments[parameter.name + TensorShards.firstMomentSuffix] =
                optimizer.firstMoments[index]
            moments[parameter.name + TensorShards.secondMomentSuffix] =
                optimizer.secondMoments[index]
        }
        try SafetensorsWriter.write(
            tensors: moments,
            to: "\(folder)/\(TensorShards.optimizerFile(rank: rank, of: count))"
        )
        try world.barrier()
        if rank == 0 {
            try TensorShards.writeIndex(folder: folder, rankCount: count)
            try plan.configuration.write(toFolder: folder)
            try plan.writeTokenizer(folder)
            try TrainerState(step: optimizer.step, plan: plan, history: history)
                .write(toFolder: folder)
            try plan.store.publish(step: optimizer.step)
        }
        try world.barrier()
    }

    private func restore(_ folder: String) throws {
        let state = try TrainerState(folder: folder)
        try state.requireCompatible(plan, folder: folder)
        let model = try TensorShards.Reader(folder: folder, prefix: "model-")
        let moments = try TensorShards.Reader(folder: folder, prefix: "optimizer-")
        for parameter in parameters + biases {
            parameter.value = try model.tensor(parameter.name, shape: parameter.value.shape)
        }
        for (index, parameter) in parameters.enumerated() {
            let shape = parameter.value.shape
            optimizer.firstMoments[index] = try moments.tensor(
                parameter.name + TensorShards.firstMomentSuffix,
                shape: shape
            )
            optimizer.secondMoments[index] = try moments.tensor(
                parameter.name + TensorShards.secondMomentSuffix,
                shape: shape
            )
        }
        optimizer.step = state.step
        history = state.history
    }

    private func count() throws -> Int {
        let own = parameters.filter { $0.isExpert || expertRank == 0 }
            .reduce(0) { $0 + $1.value.elementCount }
        return try world.allGather([HostTensor([Int64(own)])])
            .compactMap { $0.first.flatMap(\.self)?.elements(of: Int64.self).first }
            .reduce(0) { $0 + Int($1) }
    }
}
