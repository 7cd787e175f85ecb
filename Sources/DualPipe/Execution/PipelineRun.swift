import InfraCore
import Tensors
import Traces

/// One step of one rank: what is in flight, and the operations that move it.
struct PipelineRun<Stage: PipelineStage> {
    let executor: PipelineExecutor<Stage>
    let inputs: [[HostTensor]]
    let labels: [[HostTensor]]
    let loss: PipelineLoss?
    let isTraining: Bool
    let isTimed: Bool
    let clock: TraceClock

    /// What forward passes left for backward passes, by phase and chunk.
    var contexts: [[Stage.Context?]]
    /// What input-gradient passes left for weight passes, by phase and chunk.
    var waitingWeights: [[Stage.Context?]]
    /// The last stage's output gradients, by chunk.
    var lossGradients: [[HostTensor?]?]
    /// What passes between two stages of this same rank (the turn of DualPipeV), by stream.
    var local: [UInt64: [HostTensor?]] = [:]
    var result = PipelineStepResult()
    var waitedNanoseconds: UInt64 = 0

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
}

/// What an overlapped operation has delivered so far.
private final class OverlapOutbox {
    var outputs: [HostTensor]?
    var inputGradients: [HostTensor?]?
}
