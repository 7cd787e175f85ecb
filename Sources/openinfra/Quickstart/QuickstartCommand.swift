import ArgumentParser
import DeepSeekModel
import InfraCore
import Traces
import Training

/// The main job: real text in, a trained and served model out.
struct QuickstartCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "quickstart",
        abstract: "Train a small DeepSeek-V3-architecture model on real text, then use it."
    )

    @Option(help: "A text file, or a folder of text files.")
    var corpus: String?

    @Option(help: "Optimizer steps.")
    var steps = 300

    @Option(help: "Where checkpoints and the report go.")
    var out = "out/quickstart"

    @Option var rate: Float = 3e-3
    @Option var chunks = 4
    @Option var sequences = 8
    @Option var expertRanks = 1
    @Option var hidden = 192

    func run() async throws {
        let path = corpus ?? Corpus.defaultPath() ?? ""
        let text = try Corpus(path: path)
        let tokenizer = ByteTokenizer(addsBeginningOfSequence: false)
        let stream = TokenStream(
            tokens: text.bytes.map { Int32($0) },
            vocabularySize: tokenizer.vocabularySize
        )
        print("corpus", text.fileCount, text.bytes.count, stream.unigramEntropy)
        var settings = TrainingSettings()
        settings.steps = steps
        settings.learningRate = rate
        settings.chunks = chunks
        settings.sequencesPerChunk = sequences
        settings.expertRanks = expertRanks
        var model = ModelConfiguration()
        model.vocabularySize = tokenizer.vocabularySize
        model.hiddenSize = hidden
        model.intermediateSize = hidden * 2
        model.moeIntermediateSize = hidden / 2
        model.layerCount = 4
        model.headCount = 4
        model.queryRank = hidden / 2
        model.keyValueRank = 64
        model.ropeHeadDimension = 16
        model.nopeHeadDimension = 32
        model.valueHeadDimension = 32
        model.routedExpertCount = 8
        model.expertsPerToken = 2
        model.groupCount = 4
        model.groupsPerToken = 2
        model.leadingDenseLayerCount = 1
        model.maxPositionEmbeddings = 1024
        let trainer = try Trainer(
            configuration: model,
            settings: settings,
            stream: stream,
            checkpointFolder: out + "/checkpoints"
        ) { try tokenizer.write(toFolder: $0) }
        let result = try await trainer.run { step in
            if step.step % 10 == 0 || step.heldOutLoss != nil {
                print(step.step, step.loss, step.gradientNorm, step.seconds, step.heldOutLoss ?? 0)
            }
        }
        print(result.parameterCount, result.checkpointPath)
    }
}
