public import InfraCore

/// How long each kind of operation takes, in any one unit of time.
public struct PipelineTimes: Hashable, Sendable, Codable {
    /// F.
    public let forward: Double
    /// B, the full backward pass, weight gradients included.
    public let backward: Double
    /// W, the weight-gradient part of B; the input-gradient part takes the rest, B - W.
    public let weight: Double
    /// F&B, an overlapped forward and full backward.
    public let overlapped: Double

    /// Checks and keeps the durations.
    ///
    /// - Parameters:
    ///   - forward: F, above zero.
    ///   - backward: B, above W.
    ///   - weight: W, zero or more.
    ///   - overlapped: F&B, above zero; `nil` stands for F + B, no gain from overlapping.
    /// - Throws: ``PipelineErrorCode/invalidTimes``.
    public init(
        forward: Double = 1,
        backward: Double = 2,
        weight: Double = 1,
        overlapped: Double? = nil
    ) throws(PipelineError) {
        let overlapped = overlapped ?? forward + backward
        func check(_ name: String, _ value: Double, above least: Double, _ text: String)
            throws(PipelineError)
        {
            guard value.isFinite, value > least, value <= Self.longest else {
                throw PipelineError(
                    .invalidTimes,
                    "\(name) is \(value); it must be above \(text) and at most \(Self.longest)"
                )
            }
        }
        try check("forward", forward, above: 0, "0")
        guard weight.isFinite, weight >= 0 else {
            throw PipelineError(.invalidTimes, "weight is \(weight); it must be 0 or more")
        }
        try check("backward", backward, above: weight, "weight, \(weight),")
        try check("overlapped", overlapped, above: 0, "0")
        self.forward = forward
        self.backward = backward
        self.weight = weight
        self.overlapped = overlapped
    }

    /// The longest duration accepted: sums of millions of these stay exact enough.
    public static let longest = 1e9

    /// The duration of one operation.
    public func duration(of op: PipelineOp) -> Double {
        switch op {
        case .forward: forward
        case .backward: backward
        case .backwardInput: backward - weight
        case .backwardWeight: weight
        case .overlapped: overlapped
        }
    }

    /// The bubble that the published formulas give (DualPipe's README; PP is the number of
    /// stages): exact for W = F and B = 2W, an approximation elsewhere.
    ///
    /// | kind | bubble |
    /// |---|---|
    /// | 1F1B | (PP-1)(F+B) |
    /// | ZB1P | (PP-1)(F+B-2W) |
    /// | DualPipe, DualPipeV | (PP/2-1)(F&B+B-3W) |
    public func formulaBubble(of topology: PipelineTopology) -> Double {
        let stages = Double(topology.stageCount)
        return switch topology.kind {
        case .oneForwardOneBackward: (stages - 1) * (forward + backward)
        case .zeroBubble: (stages - 1) * (forward + backward - 2 * weight)
        case .dualPipe, .dualPipeV: (stages / 2 - 1) * (overlapped + backward - 3 * weight)
        }
    }
}
