import DualPipe
import Foundation
import Testing
import Training

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

    @Test("held-out batches are whole rounds of the expert ranks, however many the corpus holds")
    func heldOutRounds() throws {
        var settings = smallSettings(steps: 1)
        settings.expertRanks = 4
        // One held-out block of 4096 tokens holds 31 batches of 4 x 2 sequences of 16.
        settings.evaluationRounds = 20
        let trainer = try trainer(settings, try TemporaryFolder())
        #expect(trainer.heldOutBatches.count == 28)
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
