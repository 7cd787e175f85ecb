import DeepSeekModel
import Foundation
import InfraCore
import Testing
import Training

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
