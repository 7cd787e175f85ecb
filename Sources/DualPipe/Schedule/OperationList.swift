/// Collects one rank's operations, numbering the chunks of each phase as they come and pairing
/// each weight gradient with the oldest backward that left one behind.
struct OperationList {
    private(set) var operations: [PipelineOp] = []
    private var nextForward = [0, 0]
    private var nextBackward = [0, 0]
    private var waitingWeights: [PipelineCell] = []
    private var firstWaiting = 0

    /// Input-gradient backwards whose weight half is still to come.
    var weightBacklog: Int { waitingWeights.count - firstWaiting }

    mutating func forward(_ phase: Int) {
        operations.append(.forward(takeForward(phase)))
    }

    mutating func backward(_ phase: Int) {
        operations.append(.backward(takeBackward(phase)))
    }

    mutating func backwardInput(_ phase: Int) {
        let cell = takeBackward(phase)
        waitingWeights.append(cell)
        operations.append(.backwardInput(cell))
    }

    mutating func weight() {
        operations.append(.backwardWeight(waitingWeights[firstWaiting]))
        firstWaiting += 1
    }

    mutating func overlapped(forward: Int, backward: Int) {
        operations.append(
            .overlapped(forward: takeForward(forward), backward: takeBackward(backward))
        )
    }

    private mutating func takeForward(_ phase: Int) -> PipelineCell {
        defer { nextForward[phase] += 1 }
        return PipelineCell(phase: phase, chunk: nextForward[phase])
    }

    private mutating func takeBackward(_ phase: Int) -> PipelineCell {
        defer { nextBackward[phase] += 1 }
        return PipelineCell(phase: phase, chunk: nextBackward[phase])
    }
}
