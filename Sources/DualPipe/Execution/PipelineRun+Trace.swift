import Collectives
import Traces

/// When operations ran.
extension PipelineRun {
    mutating func note(_ op: PipelineOp, _ timing: PipelineOpTiming) {
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
