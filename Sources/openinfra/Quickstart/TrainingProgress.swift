import Synchronization
import Training

/// The progress line of a training run, fed from a thread of the run.
final class TrainingProgress: Sendable {
    private struct State {
        var progress: Progress
        var heldOutLoss: Double?
    }

    private let state: Mutex<State>

    init(steps: Int) {
        state = Mutex(State(progress: Progress("training", total: steps)))
    }

    /// Shows a finished step.
    func show(_ step: TrainingStep) {
        state.withLock { state in
            state.heldOutLoss = step.heldOutLoss ?? state.heldOutLoss
            var detail = "loss \(Self.rounded(step.loss))"
            if let loss = state.heldOutLoss { detail += "  held-out \(Self.rounded(loss))" }
            state.progress.update(step.step, detail: detail)
        }
    }

    private static func rounded(_ value: Double) -> Double { (value * 1e4).rounded() / 1e4 }
}
