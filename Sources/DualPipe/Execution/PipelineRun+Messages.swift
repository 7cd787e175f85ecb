import Collectives
import InfraCore
import Tensors
import Traces

/// What operations take and give: messages, the loss, and what passes between two stages here.
extension PipelineRun {
    mutating func forwardInputs(_ cell: PipelineCell) throws -> [HostTensor] {
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

    mutating func outputGradients(_ cell: PipelineCell) throws -> [HostTensor?] {
        let placement = executor.placements[cell.phase]
        guard let source = placement.nextRank else {
            defer { lossGradients[cell.chunk] = nil }
            return lossGradients[cell.chunk] ?? []
        }
        let stream = placement.gradients(into: placement.place.stage, chunk: cell.chunk)
        return try receive(from: source, stream: stream)
    }

    mutating func receive(from source: Int, stream: UInt64) throws -> [HostTensor?] {
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

    mutating func deliver(_ outputs: [HostTensor], of cell: PipelineCell) throws {
        try executor.sendOutputs(outputs, of: cell)
        try keep(outputs, of: cell)
    }

    mutating func deliver(gradients: [HostTensor?], of cell: PipelineCell) throws {
        try executor.sendGradients(gradients, of: cell)
        keep(gradients: gradients, of: cell)
    }

    /// Uses outputs that stay on this rank: for the loss, or for the next stage here.
    mutating func keep(_ outputs: [HostTensor], of cell: PipelineCell) throws {
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
    mutating func keep(gradients: [HostTensor?], of cell: PipelineCell) {
        let placement = executor.placements[cell.phase]
        if placement.previousRank == executor.communicator.rank {
            local[placement.gradients(into: placement.place.stage - 1, chunk: cell.chunk)] =
                gradients
        }
    }
}
