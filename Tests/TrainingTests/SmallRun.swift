import DeepSeekModel
import Foundation
import InfraCore
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
