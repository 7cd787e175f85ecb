import DeepSeekModel
import DualPipe
import Foundation
import InfraCore
import Tensors
import Testing
import Training

/// A folder that goes away with the test.
final class TemporaryFolder {
    let path: String

    init() throws {
        path = NSTemporaryDirectory() + "openinfra-training-\(UUID().uuidString)"
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    }

    deinit { try? FileManager.default.removeItem(atPath: path) }
}

/// A text with structure to learn: sentences made of few words.
func smallStream() -> TokenStream {
    var random = SeededRandom(seed: 5)
    let tokens = (0..<40_000).map { index in
        Int32(index.isMultiple(of: 2) ? random.next() % 4 : 8 + random.next() % 3)
    }
    return TokenStream(tokens: tokens, vocabularySize: 16)
}

func smallSettings(steps: Int) -> TrainingSettings {
    var settings = TrainingSettings()
    settings.steps = steps
    settings.sequencesPerChunk = 2
    settings.sequenceLength = 16
    settings.warmupSteps = 2
    settings.checkpointInterval = 4
    settings.evaluationInterval = 4
    settings.learningRate = 1e-2
    return settings
}

func trainer(
    _ settings: TrainingSettings,
    _ folder: TemporaryFolder,
    configuration: ModelConfiguration = tinyConfiguration(),
    stream: TokenStream = smallStream()
) throws -> Trainer {
    try Trainer(
        configuration: configuration,
        settings: settings,
        stream: stream,
        checkpointFolder: folder.path + "/checkpoints"
    ) { try "{}".write(toFile: "\($0)/tokenizer.json", atomically: true, encoding: .utf8) }
}

/// What a run computed, without how long it took.
func numbers(_ steps: [TrainingStep]) -> [TrainingStep] {
    steps.map { step in
        var step = step
        step.seconds = 0
        return step
    }
}

@Suite("Training")
struct TrainerTests {
    @Test("learns: the held-out loss falls far below the unigram entropy")
    func learns() async throws {
        let folder = try TemporaryFolder()
        var settings = smallSettings(steps: 60)
        settings.evaluationInterval = 60
        let stream = smallStream()
        let result = try await trainer(settings, folder, stream: stream).run()
        // Known: the next token is one of 4 or one of 3, in turn: (ln 4 + ln 3) / 2 = 1.24 nats.
        let heldOut = try #require(result.heldOutLoss)
        #expect(heldOut < 1.35, "held-out loss \(heldOut)")
        #expect(stream.unigramEntropy > 1.9)
        #expect(result.steps.count == 60)
    }

    @Test("a run that stops and resumes is the run that never stopped, bit for bit")
    func resume() async throws {
        let whole = try TemporaryFolder()
        let straight = try await trainer(smallSettings(steps: 8), whole).run()
        let parts = try TemporaryFolder()
        var settings = smallSettings(steps: 8)
        // The first start stops in the middle: its learning-rate schedule still spans 8 steps,
        // so the process is simulated to die by cutting the history after the checkpoint of 4.
        _ = try await trainer(settings, parts).run()
        try FileManager.default.removeItem(atPath: parts.path + "/checkpoints/step-00000008")
        settings.evaluationInterval = 4
        let resumed = try await trainer(settings, parts).run()
        #expect(resumed.resumedAfterStep == 4)
        #expect(numbers(resumed.steps) == numbers(straight.steps))
        for rank in ["00001", "00002"] {
            for kind in ["model", "optimizer"] {
                let name = "/step-00000008/\(kind)-\(rank)-of-00002.safetensors"
                let one = try Data(contentsOf: URL(filePath: whole.path + "/checkpoints" + name))
                let two = try Data(contentsOf: URL(filePath: parts.path + "/checkpoints" + name))
                #expect(one == two, "\(name)")
            }
        }
    }

    @Test("a finished run, started again, computes nothing and keeps its results")
    func finished() async throws {
        let folder = try TemporaryFolder()
        let first = try await trainer(smallSettings(steps: 4), folder).run()
        let again = try await trainer(smallSettings(steps: 4), folder).run()
        #expect(again.resumedAfterStep == 4)
        #expect(again.steps == first.steps)
        #expect(again.checkpointPath == first.checkpointPath)
    }

    @Test(
        "every schedule computes the same losses",
        arguments: [PipelineKind.oneForwardOneBackward, .zeroBubble, .dualPipeV]
    )
    func schedules(kind: PipelineKind) async throws {
        var settings = smallSettings(steps: 3)
        let reference = try await trainer(settings, try TemporaryFolder()).run().steps
        settings.schedule = kind
        settings.pipelineRanks = kind == .dualPipeV ? 1 : 4
        let steps = try await trainer(settings, try TemporaryFolder()).run().steps
        // The first loss has the same bits; later ones see weight gradients summed in another
        // order of chunks.
        #expect(steps.first?.loss == reference.first?.loss)
        for (found, expected) in zip(steps, reference) {
            #expect(abs(found.loss - expected.loss) < 1e-4)
        }
    }

    @Test("experts spread over ranks compute what one rank computes", arguments: [2, 4])
    func expertRanks(count: Int) async throws {
        // The same sequences: two ranks with half the chunks each.
        var one = smallSettings(steps: 3)
        one.chunks = 4 * count
        var many = one
        many.chunks = 4
        many.expertRanks = count
        let reference = try await trainer(one, try TemporaryFolder()).run().steps
        let steps = try await trainer(many, try TemporaryFolder()).run().steps
        for (found, expected) in zip(steps, reference) {
            #expect(abs(found.loss - expected.loss) < 1e-4)
            #expect(abs(found.gradientNorm - expected.gradientNorm) < 1e-3)
        }
        #expect(steps.first?.expertLoads == reference.first?.expertLoads)
    }

    @Test("two runs of the same seed are equal, of another seed are not")
    func seeds() async throws {
        var settings = smallSettings(steps: 2)
        settings.expertRanks = 2
        let one = try await trainer(settings, try TemporaryFolder()).run().steps
        let two = try await trainer(settings, try TemporaryFolder()).run().steps
        settings.seed = 2
        let other = try await trainer(settings, try TemporaryFolder()).run().steps
        #expect(numbers(one) == numbers(two))
        #expect(one.first?.loss != other.first?.loss)
    }

    @Test("balancing pushes a favoured expert's load down")
    func balancing() async throws {
        var settings = smallSettings(steps: 40)
        settings.balanceSpeed = 0.02
        settings.evaluationInterval = 40
        let steps = try await trainer(settings, try TemporaryFolder()).run().steps
        func imbalance(_ steps: ArraySlice<TrainingStep>) -> Double {
            let loads = steps.flatMap(\.expertLoads)
            return loads.map { row in
                Double(row.max() ?? 0) * Double(row.count) / Double(row.reduce(0, +))
            }.reduce(0, +) / Double(loads.count)
        }
        #expect(imbalance(steps.suffix(10)) < imbalance(steps.prefix(10)))
    }
}

@Suite("Training refuses what it cannot do")
struct TrainingRefusalTests {
    private func message(
        _ change: (inout TrainingSettings, inout ModelConfiguration) -> Void
    ) throws -> String {
        var settings = smallSettings(steps: 2)
        var configuration = tinyConfiguration()
        change(&settings, &configuration)
        do {
            _ = try trainer(settings, try TemporaryFolder(), configuration: configuration)
            return "no error"
        } catch {
            return "\(error)"
        }
    }

    @Test("settings that do not fit")
    func settings() throws {
        #expect(try message { s, _ in s.steps = 0 } == "steps is 0; it must be at least 1")
        #expect(try message { s, _ in s.schedule = .dualPipe }.contains("use dualpipev"))
        #expect(try message { s, _ in s.chunks = 3 }.contains("chunks is 3"))
        #expect(
            try message { s, _ in (s.pipelineRanks, s.chunks) = (3, 8) }.contains("4 layers for 6")
        )
        #expect(try message { s, _ in s.learningRate = .nan }.contains("learningRate is nan"))
        #expect(try message { s, _ in s.sequenceLength = 5000 }.contains("below 4096"))
    }

    @Test("models without a backward pass here")
    func models() throws {
        #expect(try message { _, c in c.tiesWordEmbeddings = true }.contains("tie_word_embeddings"))
        #expect(try message { _, c in c.hasAttentionBias = true }.contains("attention_bias"))
        #expect(
            try message { _, c in c.nextTokenPredictionLayerCount = 1 }
                .contains("num_nextn_predict_layers")
        )
        #expect(try message { _, c in c.vocabularySize = 8 }.contains("16 tokens"))
    }

    @Test("experts that do not divide over ranks")
    func experts() async throws {
        var settings = smallSettings(steps: 2)
        settings.expertRanks = 3
        let folder = try TemporaryFolder()
        await #expect(throws: TrainingError.self) {
            try await trainer(settings, folder).run()
        }
    }

    @Test("a learning rate that makes the loss infinite ends the run with an error")
    func divergence() async throws {
        var settings = smallSettings(steps: 50)
        settings.learningRate = 1e30
        settings.warmupSteps = 0
        let folder = try TemporaryFolder()
        do {
            _ = try await trainer(settings, folder).run()
            Issue.record("the run ended without an error")
        } catch let error as TrainingError {
            #expect(error.code == .diverged)
            #expect(error.message.contains("lower the learning rate"))
        }
    }
}

@Suite("Checkpoints")
struct CheckpointTests {
    @Test("a half-written checkpoint is ignored and cleaned away")
    func partial() async throws {
        let folder = try TemporaryFolder()
        _ = try await trainer(smallSettings(steps: 4), folder).run()
        let partial = folder.path + "/checkpoints/step-00000006.partial"
        try FileManager.default.createDirectory(
            atPath: partial,
            withIntermediateDirectories: false
        )
        try Data("half".utf8).write(
            to: URL(filePath: partial + "/model-00001-of-00002.safetensors")
        )
        let result = try await trainer(smallSettings(steps: 8), folder).run()
        #expect(result.resumedAfterStep == 4)
        #expect(!FileManager.default.fileExists(atPath: partial))
    }

    @Test("only the newest two stay")
    func pruning() async throws {
        let folder = try TemporaryFolder()
        var settings = smallSettings(steps: 6)
        settings.checkpointInterval = 1
        _ = try await trainer(settings, folder).run()
        let names = try FileManager.default
            .contentsOfDirectory(atPath: folder.path + "/checkpoints").sorted()
        #expect(names == ["step-00000005", "step-00000006"])
    }

    @Test("another run's checkpoint is refused, a damaged one too")
    func refusals() async throws {
        let folder = try TemporaryFolder()
        _ = try await trainer(smallSettings(steps: 4), folder).run()
        var other = smallSettings(steps: 8)
        other.seed = 9
        do {
            _ = try await trainer(other, folder).run()
            Issue.record("settings of another run were accepted")
        } catch let error as TrainingError {
            #expect(error.code == .checkpointUnusable)
        }
        await #expect(throws: TrainingError.self, "another text was accepted") {
            let stream = TokenStream(tokens: Array(repeating: 3, count: 9000), vocabularySize: 16)
            return try await trainer(smallSettings(steps: 8), folder, stream: stream).run()
        }
        await #expect(throws: TrainingError.self, "another model was accepted") {
            var configuration = tinyConfiguration()
            configuration.routedScalingFactor = 1
            return try await trainer(
                smallSettings(steps: 8),
                folder,
                configuration: configuration
            ).run()
        }
        let state = folder.path + "/checkpoints/step-00000004/trainer.json"
        try Data("{".utf8).write(to: URL(filePath: state))
        do {
            _ = try await trainer(smallSettings(steps: 8), folder).run()
            Issue.record("a damaged checkpoint was accepted")
        } catch let error as TrainingError {
            #expect(error.code == .checkpointUnusable)
            #expect(error.message.contains("trainer.json"))
        }
    }
}

@Suite("Corpus and batches")
struct CorpusTests {
    @Test("text files of a folder in the order of their names; binaries and dot files left out")
    func folder() throws {
        let folder = try TemporaryFolder()
        let text = String(repeating: "all is well. ", count: 6000)
        func write(_ name: String, _ data: Data) throws {
            let path = folder.path + "/" + name
            try FileManager.default.createDirectory(
                atPath: (path as NSString).deletingLastPathComponent,
                withIntermediateDirectories: true
            )
            try data.write(to: URL(filePath: path))
        }
        try write("b.txt", Data(text.utf8))
        try write("a/first.txt", Data("first\n".utf8))
        try write("binary", Data([1, 0, 2]))
        try write("broken", Data([0xFF, 0xFE, 0x41]))
        try write(".git/config", Data("hidden".utf8))
        let corpus = try Corpus(path: folder.path)
        #expect(corpus.fileCount == 2)
        #expect(String(decoding: corpus.bytes, as: UTF8.self) == "first\n\n" + text)
    }

    @Test("a missing or tiny corpus is refused by name")
    func refusals() throws {
        let folder = try TemporaryFolder()
        try Data("tiny".utf8).write(to: URL(filePath: folder.path + "/t"))
        for path in [folder.path + "/absent", folder.path, folder.path + "/t"] {
            do {
                _ = try Corpus(path: path)
                Issue.record("\(path) was accepted")
            } catch {
                #expect(error.code == .corpusUnusable)
                #expect(error.message.contains(path))
            }
        }
    }

    @Test("targets are the tokens that follow, and no training sequence touches held-out text")
    func batches() {
        let length = 64
        let tokens = (0..<Int32(200_000)).map { $0 }
        let stream = TokenStream(tokens: tokens, vocabularySize: 200_000)
        let heldOut = Set(stream.heldOut.joined())
        #expect(heldOut.count + stream.trainingCount == tokens.count)
        for step in 0..<20 {
            let batch = stream.batch(
                seed: 3,
                step: step,
                chunk: 1,
                sequences: 5,
                length: length
            )
            let x = batch.tokens.elements(of: Int32.self)
            let y = batch.targets.elements(of: Int32.self)
            #expect(zip(x, y).allSatisfy { $0 + 1 == $1 })
            #expect((x + y).allSatisfy { !heldOut.contains($0) })
        }
        for batch in stream.heldOutBatches(count: 4, sequences: 8, length: length) {
            #expect(batch.tokens.elements(of: Int32.self).allSatisfy { heldOut.contains($0) })
        }
    }

    @Test("the unigram entropy of two equally frequent tokens is ln 2")
    func entropy() {
        let stream = TokenStream(
            tokens: (0..<10_000).map { Int32($0 % 2) },
            vocabularySize: 4
        )
        #expect(abs(stream.unigramEntropy - log(2)) < 1e-9)
    }
}

@Suite("The optimizer")
struct OptimizerTests {
    @Test("AdamW's first step moves by the learning rate against the gradient's sign, and decays")
    func firstStep() {
        let parameter = Parameter(name: "w", value: HostTensor([Float(2), -1]), decays: true)
        parameter.gradient = HostTensor([Float(0.5), -3])
        var optimizer = AdamW([parameter], weightDecay: 0.1)
        optimizer.update(learningRate: 0.01)
        let w = parameter.value.elements(of: Float.self)
        #expect(abs(w[0] - (2 * (1 - 0.001) - 0.01)) < 1e-6)
        #expect(abs(w[1] - (-1 * (1 - 0.001) + 0.01)) < 1e-6)
    }

    @Test("AdamW follows the published recurrence over many steps")
    func recurrence() {
        let parameter = Parameter(name: "w", value: HostTensor([Float(1)]), decays: false)
        var optimizer = AdamW([parameter])
        var (w, m, v) = (1.0, 0.0, 0.0)
        for step in 1...50 {
            let g = sin(Double(step))
            parameter.gradient = HostTensor([Float(g)])
            optimizer.update(learningRate: 0.02)
            m = 0.9 * m + 0.1 * g
            v = 0.95 * v + 0.05 * g * g
            let step = Double(step)
            w -=
                0.02 * (m / (1 - pow(0.9, step)))
                / ((v / (1 - pow(0.95, step))).squareRoot() + 1e-8)
        }
        #expect(abs(Double(parameter.value.elements(of: Float.self)[0]) - w) < 1e-5)
    }

    @Test("the rate rises linearly and falls along half a cosine")
    func schedule() {
        let schedule = CosineSchedule(peak: 1, finalShare: 0.1, warmupSteps: 10, totalSteps: 110)
        #expect(abs(schedule.rate(step: 0) - 0.1) < 1e-6)
        #expect(abs(schedule.rate(step: 9) - 1) < 1e-6)
        #expect(abs(schedule.rate(step: 10) - 1) < 1e-6)
        #expect(abs(schedule.rate(step: 60) - 0.55) < 1e-6)
        #expect(abs(schedule.rate(step: 110) - 0.1) < 1e-6)
    }
}
