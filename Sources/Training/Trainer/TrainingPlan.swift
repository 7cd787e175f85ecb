import DeepSeekModel
import DualPipe
import InfraCore

/// Everything the ranks of a run agree on before it starts.
struct TrainingPlan: Sendable {
    let configuration: ModelConfiguration
    let settings: TrainingSettings
    let stream: TokenStream
    let schedule: PipelineSchedule
    let rates: CosineSchedule
    let store: CheckpointStore
    let corpusFingerprint: UInt64
    /// Writes the tokenizer's files into a checkpoint.
    let writeTokenizer: @Sendable (String) throws -> Void

    /// Checks that all parts fit each other.
    init(
        configuration: ModelConfiguration,
        settings: TrainingSettings,
        stream: TokenStream,
        checkpointFolder: String,
        writeTokenizer: @escaping @Sendable (String) throws -> Void
    ) throws {
        try settings.validate()
        try configuration.validate()
        schedule = try PipelineSchedule(
            kind: settings.schedule,
            rankCount: settings.pipelineRanks,
            chunkCount: settings.chunks
        )
        try Self.requireTrainable(configuration, stages: schedule.topology.stageCount)
        guard stream.vocabularySize <= configuration.vocabularySize else {
            throw TrainingError(
                .invalidConfiguration,
                "the tokenizer has \(stream.vocabularySize) tokens, the model only "
                    + "\(configuration.vocabularySize)"
            )
        }
        self.configuration = configuration
        self.settings = settings
        self.stream = stream
        corpusFingerprint = stream.fingerprint
        self.writeTokenizer = writeTokenizer
        rates = CosineSchedule(
            peak: settings.learningRate,
            warmupSteps: settings.warmupSteps,
            totalSteps: settings.steps
        )
        store = CheckpointStore(root: checkpointFolder)
        guard heldOutBatches().count >= settings.expertRanks else {
            throw TrainingError(
                .corpusUnusable,
                "the held-out part cannot fill \(settings.expertRanks) batches of "
                    + "\(settings.chunks) x \(settings.sequencesPerChunk) sequences of "
                    + "\(settings.sequenceLength) tokens; use a larger corpus or smaller batches"
            )
        }
    }

    /// What the held-out loss is measured on: one batch a round and expert-parallel rank.
    func heldOutBatches() -> [TokenStream.Batch] {
        let batches = stream.heldOutBatches(
            count: settings.evaluationRounds * settings.expertRanks,
            sequences: settings.chunks * settings.sequencesPerChunk,
            length: settings.sequenceLength
        )
        // A round takes one batch a rank; what does not make a whole round is left out.
        return Array(batches.prefix(batches.count / settings.expertRanks * settings.expertRanks))
    }

    /// Refuses what the trainer has no backward pass for.
    private static func requireTrainable(
        _ c: ModelConfiguration,
        stages: Int
    ) throws(TrainingError) {
        let refusals = [
            (
                c.tiesWordEmbeddings,
                "tie_word_embeddings is true; the first and last stage lie on "
                    + "different ranks, so it must be false"
            ),
            (c.hasAttentionBias, "attention_bias is true; the trainer has no biases"),
            (c.rotary.yarn != nil, "rope scaling is set; the trainer trains at the plain context"),
            (c.quantization != nil, "quantization_config is set; the trainer trains in float32"),
            (
                c.nextTokenPredictionLayerCount > 0,
                "num_nextn_predict_layers is "
                    + "\(c.nextTokenPredictionLayerCount); the trainer trains none, so it must be 0"
            ),
            (
                c.layerCount < stages,
                "the model has \(c.layerCount) layers for \(stages) pipeline "
                    + "stages; each stage needs at least one"
            ),
        ]
        for (applies, reason) in refusals where applies {
            throw TrainingError(.invalidConfiguration, reason)
        }
    }
}
