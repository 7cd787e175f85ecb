/// What one rank must hold at worst, counted along its operations.
struct PipelinePeaks {
    private(set) var activations = 0
    private(set) var weightBacklog = 0

    init(_ operations: [PipelineOp]) {
        var live = 0
        var backlog = 0
        for op in operations {
            if op.forwardCell != nil { live += 1 }
            activations = max(activations, live)
            switch op {
            case .forward: break
            case .backward, .overlapped: live -= 1
            case .backwardInput: backlog += 1
            case .backwardWeight:
                backlog -= 1
                live -= 1
            }
            weightBacklog = max(weightBacklog, backlog)
        }
    }
}
