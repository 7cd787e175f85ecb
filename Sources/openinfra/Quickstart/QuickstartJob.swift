import DeepSeekModel
import DualPipe
import FoundationEssentials
import InfraCore
import Operators
import Tensors
import TraceAnalysis
import Traces
import Training

/// The steps of `openinfra quickstart`, from text to report.
struct QuickstartJob {
    let corpusPath: String
    let outputFolder: String
    let settings: TrainingSettings
    /// Whether checkpoints of an earlier run are removed first.
    let startsAnew: Bool

    /// About three minutes on two cores.
    static let defaultSteps = 1000

    /// The batch and rates that suit the quickstart's model; see docs/notes/quickstart.md.
    static func settings(steps: Int) -> TrainingSettings {
        var settings = TrainingSettings()
        settings.steps = steps
        settings.sequencesPerChunk = 2
        settings.sequenceLength = ModelConfiguration.quickstartContext
        settings.warmupSteps = min(20, max(1, steps / 10))
        settings.balanceSpeed = 5e-3
        settings.checkpointInterval = max(1, min(100, steps / 3))
        settings.evaluationInterval = max(1, min(50, steps / 3))
        return settings
    }

    private var checkpointFolder: String { "\(outputFolder)/checkpoints" }
    private var reportPath: String { "\(outputFolder)/report.html" }
    private var tracePath: String { "\(outputFolder)/trace.json" }

    /// The largest difference between the loss the trainer measured and the loss of the reloaded
    /// model, in nats: float32 rounding over a few thousand tokens stays a hundred times below.
    private static let reloadTolerance = 1e-3

    func run() async throws -> QuickstartSummary {
        try prepareFolder()
        let corpus = try Corpus(path: corpusPath)
        let tokenizer = ByteTokenizer(addsBeginningOfSequence: false)
        let stream = TokenStream(
            tokens: corpus.bytes.map { Int32($0) },
            vocabularySize: tokenizer.vocabularySize
        )
        let entropy = stream.unigramEntropy
        Console.writeError(
            "corpus: \(corpus.bytes.count) bytes in \(corpus.fileCount) files of \(corpus.path), "
                + "unigram entropy \(Self.rounded(entropy)) nats a byte"
        )
        let trainer = try Trainer(
            configuration: .quickstart(vocabularySize: tokenizer.vocabularySize),
            settings: settings,
            stream: stream,
            checkpointFolder: checkpointFolder
        ) { try tokenizer.write(toFolder: $0) }
        let recorder = TraceRecorder()
        let result = try await train(trainer, recorder)
        Console.writeError("checkpoint: \(result.checkpointPath)")

        let model = try DeepSeekV3Model(folder: result.checkpointPath)
        let reloadedLoss = try heldOutLoss(of: model, trainer.heldOutBatches)
        try requireEqual(reloadedLoss, result.heldOutLoss)
        let prompt = stream.heldOutPrompt()
        let sample = try generate(model, tokenizer, prompt)

        let ranSteps = result.steps.count - result.resumedAfterStep
        let measurement =
            ranSteps > 0
            ? try PipelineMeasurement(result.schedule, timings: result.timings) : nil
        let trace = recorder.trace()
        // A finished run that is only looked at again keeps the report of when it ran.
        if measurement != nil || !FileManager.default.fileExists(atPath: reportPath) {
            try TrainingReport(
                result: result,
                settings: settings,
                corpusPath: corpus.path,
                corpusByteCount: corpus.bytes.count,
                unigramEntropy: entropy,
                prompt: prompt,
                sample: sample,
                measurement: measurement,
                overlap: measurement == nil ? nil : try TraceAnalyzer().analyze(trace)
            ).write(to: reportPath)
        }
        if measurement != nil { try trace.write(to: tracePath) }
        return QuickstartSummary(
            result: result,
            settings: settings,
            unigramEntropy: entropy,
            reloadedHeldOutLoss: reloadedLoss,
            measurement: measurement,
            prompt: prompt,
            sample: sample,
            report: reportPath,
            trace: tracePath
        )
    }

    private func prepareFolder() throws {
        let files = FileManager.default
        do {
            if startsAnew, files.fileExists(atPath: checkpointFolder) {
                try files.removeItem(atPath: checkpointFolder)
            }
            try files.createDirectory(atPath: outputFolder, withIntermediateDirectories: true)
        } catch {
            throw TrainingError(
                .fileFailure,
                "--out \(outputFolder) cannot be prepared; name a folder that can be written",
                cause: error
            )
        }
    }

    private func train(
        _ trainer: Trainer,
        _ recorder: TraceRecorder
    ) async throws -> TrainingResult {
        let progress = TrainingProgress(steps: settings.steps)
        let result = try await trainer.run(recorder: recorder) { progress.show($0) }
        if result.resumedAfterStep == result.steps.count {
            Console.writeError(
                "training: \(checkpointFolder) holds a finished run; --fresh trains anew"
            )
        }
        return result
    }

    /// The mean loss of a loaded model, by the code that serves it rather than the trainer's.
    private func heldOutLoss(
        of model: DeepSeekV3Model,
        _ batches: [TokenStream.Batch]
    ) throws -> Double {
        var loss = 0.0
        var count = 0
        for batch in batches {
            let rows = batch.tokens.shape[0]
            for row in 0..<rows {
                let tokens = try batch.tokens.slice(axis: 0, from: row, count: 1)
                let targets = try batch.targets.reshaped(to: [rows, -1])
                    .slice(axis: 0, from: row, count: 1)
                let result = try CrossEntropy.lossAndGradient(
                    logits: model.logits(tokens: tokens.elements(of: Int32.self).map { Int($0) }),
                    targets: targets.reshaped(to: [-1])
                )
                loss += result.loss
                count += result.count
            }
        }
        return loss / Double(max(1, count))
    }

    private func requireEqual(_ reloaded: Double, _ trained: Double?) throws {
        guard let trained else { return }
        guard abs(reloaded - trained) <= Self.reloadTolerance else {
            throw TrainingError(
                .checkpointUnusable,
                "the reloaded model loses \(reloaded) nats a token where the trainer measured "
                    + "\(trained); they may differ by \(Self.reloadTolerance)"
            )
        }
    }

    private func generate(
        _ model: DeepSeekV3Model,
        _ tokenizer: ByteTokenizer,
        _ prompt: String
    ) throws -> String {
        let ids = try tokenizer.encode(prompt)
        let options = try GenerationOptions(
            // Positions beyond the trained context would be new to the model.
            maxTokens: model.configuration.maxPositionEmbeddings - ids.count,
            sampling: SamplingOptions(temperature: 0.7, topP: 0.95, topK: nil, seed: settings.seed)
        )
        let generations = try TextGenerator(model).generate(
            [ids],
            options: options
        )
        return try tokenizer.decode(generations.flatMap { $0.tokens.map(\.id) })
    }

    /// Four decimals, for lines that people read.
    private static func rounded(_ value: Double) -> Double { (value * 1e4).rounded() / 1e4 }
}
