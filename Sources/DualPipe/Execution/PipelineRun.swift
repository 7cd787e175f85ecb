import Collectives
import InfraCore
import Tensors
import Traces

/// One step of one rank: what is in flight, and the operations that move it.
struct PipelineRun<Stage: PipelineStage> {
    private let executor: PipelineExecutor<Stage>
    private let inputs: [[HostTensor]]
    private let labels: [[HostTensor]]
    private let loss: PipelineLoss?
    private let isTraining: Bool
    private let isTimed: Bool
    private let clock: TraceClock

    /// What forward passes left for backward passes, by phase and chunk.
    private var contexts: [[Stage.Context?]]
    /// What input-gradient passes left for weight passes, by phase and chunk.
    private var waitingWeights: [[Stage.Context?]]
    /// The last stage's output gradients, by chunk.
    private var lossGradients: [[HostTensor?]?]
    /// What passes between two stages of this same rank (the turn of DualPipeV), by stream.
    private var local: [UInt64: [HostTensor?]] = [:]
    private var result = PipelineStepResult()
    private var waitedNanoseconds: UInt64 = 0

    init(
        executor: PipelineExecutor<Stage>,
        inputs: [[HostTensor]],
        labels: [[HostTensor]],
        loss: PipelineLoss?,
        isTraining: Bool
    ) {
        self.executor = executor
        self.inputs = inputs
        self.labels = labels
        self.loss = loss
        self.isTraining = isTraining
        let options = executor.options
        isTimed = options.measuresOperations || options.recorder != nil
        clock = options.recorder?.clock ?? .monotonic
        let count = executor.schedule.chunksPerRoute
        let phases = executor.stages.count
        contexts = Array(repeating: Array(repeating: nil, count: count), count: phases)
        waitingWeights = contexts
        lossGradients = Array(repeating: nil, count: count)
        if executor.exitRoute != nil {
            if loss != nil { result.losses = Array(repeating: 0, count: count) }
            if options.keepsOutputs || !isTraining {
                result.outputs = Array(repeating: [], count: count)
            }
        }
    }

    /// Runs the operations in order.
    mutating func run(_ operations: [PipelineOp]) throws -> PipelineStepResult {
        for op in operations {
            guard isTimed else {
                try perform(op)
                continue
            }
            waitedNanoseconds = 0
            let start = clock.nanoseconds
            try perform(op)
            let end = clock.nanoseconds
            note(op, PipelineOpTiming(start: start, end: end, waited: waitedNanoseconds))
        }
        return result
    }

    private mutating func perform(_ op: PipelineOp) throws {
        switch op {
        case .forward(let cell): try forward(cell)
        case .backward(let cell): try backward(cell)
        case .backwardInput(let cell):
            var context = try Self.take(&contexts, cell, "backward pass")
            try inputGradients(cell, &context)
            waitingWeights[cell.phase][cell.chunk] = context
        case .backwardWeight(let cell):
            let context = try Self.take(&waitingWeights, cell, "weight gradient")
            try executor.stages[cell.phase].backwardWeight(context: context)
        case .overlapped(let forwardCell, let backwardCell):
            if Stage.overlapsForwardBackward {
                try overlapped(forwardCell, backwardCell)
            } else {
                try forward(forwardCell)
                try backward(backwardCell)
            }
        }
    }

    private mutating func forward(_ cell: PipelineCell) throws {
        let inputs = try forwardInputs(cell)
        let (outputs, context) = try executor.stages[cell.phase].forward(
            inputs: inputs,
            chunk: cell.chunk
        )
        if isTraining { contexts[cell.phase][cell.chunk] = context }
        try deliver(outputs, of: cell)
    }

    private mutating func backward(_ cell: PipelineCell) throws {
        var context = try Self.take(&contexts, cell, "backward pass")
        try inputGradients(cell, &context)
        try executor.stages[cell.phase].backwardWeight(context: context)
    }

    private mutating func inputGradients(
        _ cell: PipelineCell,
        _ context: inout Stage.Context
    ) throws {
        let gradients = try outputGradients(cell)
        let inputGradients = try executor.stages[cell.phase].backwardInput(
            outputGradients: gradients,
            context: &context
        )
        try deliver(gradients: inputGradients, of: cell)
    }

    private mutating func overlapped(
        _ forwardCell: PipelineCell,
        _ backwardCell: PipelineCell
    ) throws {
        let inputs = try forwardInputs(forwardCell)
        let gradients = try outputGradients(backwardCell)
        let context = try Self.take(&contexts, backwardCell, "backward pass")
        // The results are handled here, one call later, because a closure cannot mutate a struct
        // that is being mutated; what goes to other ranks leaves at once.
        let outbox = OverlapOutbox()
        let executor = executor
        contexts[forwardCell.phase][forwardCell.chunk] = try Stage.overlappedForwardBackward(
            executor.stages[forwardCell.phase],
            inputs: inputs,
            chunk: forwardCell.chunk,
            executor.stages[backwardCell.phase],
            outputGradients: gradients,
            context: context,
            emit: OverlapResults(
                outputs: { outputs in
                    outbox.outputs = outputs
                    try executor.sendOutputs(outputs, of: forwardCell)
                },
                inputGradients: { gradients in
                    outbox.inputGradients = gradients
                    try executor.sendGradients(gradients, of: backwardCell)
                }
            )
        )
        guard let outputs = outbox.outputs, let inputGradients = outbox.inputGradients else {
            throw PipelineError(
                .invalidArguments,
                "\(Stage.self).overlappedForwardBackward delivered no "
                    + "\(outbox.outputs == nil ? "outputs" : "input gradients"); it must call both "
                    + "closures of emit"
            )
        }
        try keep(outputs, of: forwardCell)
        keep(gradients: inputGradients, of: backwardCell)
    }
}

/// What an overlapped operation has delivered so far.
private final class OverlapOutbox {
    var outputs: [HostTensor]?
    var inputGradients: [HostTensor?]?
}

// MARK: - What operations take and give

extension PipelineRun {
    private mutating func forwardInputs(_ cell: PipelineCell) throws -> [HostTensor] {
        let placement = executor.placements[cell.phase]
        guard let source = placement.previousRank else { return inputs[cell.chunk] }
        let stream = placement.activations(into: placement.place.stage, chunk: cell.chunk)
        let tensors = try receive(from: source, stream: stream)
        let present = tensors.compactMap(\.self)
        guard present.count == tensors.count else {
            throw PipelineError(.invalidArguments, "rank \(source) sent outputs that are absent")
        }
        return present
    }

    private mutating func outputGradients(_ cell: PipelineCell) throws -> [HostTensor?] {
        let placement = executor.placements[cell.phase]
        guard let source = placement.nextRank else {
            defer { lossGradients[cell.chunk] = nil }
            return lossGradients[cell.chunk] ?? []
        }
        let stream = placement.gradients(into: placement.place.stage, chunk: cell.chunk)
        return try receive(from: source, stream: stream)
    }

    private mutating func receive(from source: Int, stream: UInt64) throws -> [HostTensor?] {
        if source == executor.communicator.rank {
            return local.removeValue(forKey: stream) ?? []
        }
        guard isTimed else {
            return try executor.communicator.receive(from: source, stream: stream)
        }
        let start = clock.nanoseconds
        let tensors = try executor.communicator.receive(from: source, stream: stream)
        let end = clock.nanoseconds
        waitedNanoseconds += end - start
        executor.recordMessage("receive from rank \(source)", from: start, to: end)
        return tensors
    }

    private mutating func deliver(_ outputs: [HostTensor], of cell: PipelineCell) throws {
        try executor.sendOutputs(outputs, of: cell)
        try keep(outputs, of: cell)
    }

    private mutating func deliver(gradients: [HostTensor?], of cell: PipelineCell) throws {
        try executor.sendGradients(gradients, of: cell)
        keep(gradients: gradients, of: cell)
    }

    /// Uses outputs that stay on this rank: for the loss, or for the next stage here.
    private mutating func keep(_ outputs: [HostTensor], of cell: PipelineCell) throws {
        let placement = executor.placements[cell.phase]
        if placement.nextRank == executor.communicator.rank {
            local[placement.activations(into: placement.place.stage + 1, chunk: cell.chunk)] =
                outputs
        }
        guard placement.isLast else { return }
        if !result.outputs.isEmpty { result.outputs[cell.chunk] = outputs }
        guard let loss else { return }
        let (value, gradients) = try loss(outputs, labels[cell.chunk], cell.chunk)
        result.losses[cell.chunk] = value
        if isTraining { lossGradients[cell.chunk] = gradients }
    }

    /// Uses gradients that stay on this rank, for the previous stage here.
    private mutating func keep(gradients: [HostTensor?], of cell: PipelineCell) {
        let placement = executor.placements[cell.phase]
        if placement.previousRank == executor.communicator.rank {
            local[placement.gradients(into: placement.place.stage - 1, chunk: cell.chunk)] =
                gradients
        }
    }

    private static func take(
        _ store: inout [[Stage.Context?]],
        _ cell: PipelineCell,
        _ what: String
    ) throws -> Stage.Context {
        guard let context = store[cell.phase][cell.chunk] else {
            throw PipelineError(
                .invalidSchedule,
                "the \(what) of phase \(cell.phase) chunk \(cell.chunk) comes before what it needs"
            )
        }
        store[cell.phase][cell.chunk] = nil
        return context
    }

    private mutating func note(_ op: PipelineOp, _ timing: PipelineOpTiming) {
        let options = executor.options
        if options.measuresOperations { result.timings.append(timing) }
        guard let recorder = options.recorder else { return }
        var arguments: [String: TraceValue] = [
            "waitedMicroseconds": .double(Double(timing.waited) / 1000)
        ]
        if let cell = op.forwardCell {
            arguments["forwardPhase"] = .int(cell.phase)
            arguments["forwardChunk"] = .int(cell.chunk)
        }
        if let cell = op.backwardCell ?? op.weightCell {
            arguments["backwardPhase"] = .int(cell.phase)
            arguments["backwardChunk"] = .int(cell.chunk)
        }
        recorder.span(
            op.description,
            category: op.symbol,
            process: options.traceProcess,
            thread: .number(executor.communicator.rank),
            from: timing.start,
            to: timing.end,
            arguments: arguments
        )
    }
}
