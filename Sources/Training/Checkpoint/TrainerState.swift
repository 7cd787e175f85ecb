import DeepSeekModel
import FoundationEssentials
import InfraCore

/// What a run needs beside tensors to go on: `trainer.json` in a checkpoint.
struct TrainerState: Codable, Sendable {
    /// Raised when the meaning of a field changes.
    var version = 1
    /// How many steps were taken.
    var step: Int
    /// The settings of the run.
    var settings: TrainingSettings
    /// Tells the corpus from others.
    var corpusFingerprint: UInt64
    /// Every step so far.
    var history: [TrainingStep]

    static let fileName = "trainer.json"

    func write(toFolder folder: String) throws(TrainingError) {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys]
        do {
            try encoder.encode(self).write(to: URL(filePath: "\(folder)/\(Self.fileName)"))
        } catch {
            throw TrainingError(
                .fileFailure,
                "cannot write \(folder)/\(Self.fileName)",
                cause: error
            )
        }
    }

    init(step: Int, plan: TrainingPlan, history: [TrainingStep]) {
        self.step = step
        settings = plan.settings
        corpusFingerprint = plan.corpusFingerprint
        self.history = history
    }

    init(folder: String) throws(TrainingError) {
        let path = "\(folder)/\(Self.fileName)"
        do {
            let data = try Data(contentsOf: URL(filePath: path))
            self = try JSONDecoder().decode(Self.self, from: data)
        } catch {
            throw TrainingError(
                .checkpointUnusable,
                "\(path) is missing or damaged; remove its folder to go on from the checkpoint "
                    + "before",
                cause: error
            )
        }
        guard version == 1 else {
            throw TrainingError(
                .checkpointUnusable,
                "\(path) has version \(version); this program reads 1"
            )
        }
    }

    /// Checks that a run may go on from here. How long it goes on and how often it reports may
    /// change; what it computes may not.
    func requireCompatible(_ plan: TrainingPlan, folder: String) throws {
        var mine = settings
        mine.steps = plan.settings.steps
        mine.checkpointInterval = plan.settings.checkpointInterval
        mine.evaluationInterval = plan.settings.evaluationInterval
        mine.evaluationRounds = plan.settings.evaluationRounds
        mine.timeoutSeconds = plan.settings.timeoutSeconds
        let difference: String? =
            if mine != plan.settings {
                "set of settings"
            } else if corpusFingerprint != plan.corpusFingerprint {
                "text"
            } else if try ModelConfiguration(folder: folder) != plan.configuration {
                "model"
            } else {
                nil
            }
        guard let difference else { return }
        throw TrainingError(
            .checkpointUnusable,
            "\(folder) belongs to a run with another \(difference); train into another folder, "
                + "or remove this one"
        )
    }
}
