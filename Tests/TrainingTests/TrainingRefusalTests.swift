import DeepSeekModel
import DualPipe
import InfraCore
import Testing
import Training

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
