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

    init(step: Int, settings: TrainingSettings, history: [TrainingStep]) {
        self.step = step
        self.settings = settings
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

    /// Checks that a run with other settings may go on from here. How long it goes on, how often
    /// it reports and over how many ranks it spreads may change; what it computes may not.
    func requireCompatible(_ other: TrainingSettings, folder: String) throws(TrainingError) {
        var mine = settings
        mine.steps = other.steps
        mine.checkpointInterval = other.checkpointInterval
        mine.evaluationInterval = other.evaluationInterval
        mine.timeoutSeconds = other.timeoutSeconds
        guard mine == other else {
            throw TrainingError(
                .checkpointUnusable,
                "\(folder) was trained with other settings (\(settings)); use those or another "
                    + "folder"
            )
        }
    }
}
