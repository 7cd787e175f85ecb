public import Tensors

/// What a step brought on one rank.
public struct PipelineStepResult: Sendable {
    /// The loss of each chunk of the route that ends on this rank, in the chunks' order; empty on
    /// ranks where none ends.
    public var losses: [Double] = []
    /// The last stage's outputs for each of those chunks, if they were to be kept.
    public var outputs: [[HostTensor]] = []
    /// When each of the rank's operations ran, if that was to be measured.
    public var timings: [PipelineOpTiming] = []
}

/// When one operation ran, in nanoseconds of the machine's monotonic clock.
public struct PipelineOpTiming: Hashable, Sendable, Codable {
    /// When the rank turned to the operation.
    public var start: UInt64
    /// When it was done.
    public var end: UInt64
    /// How much of that it waited for messages.
    public var waited: UInt64

    /// Notes an operation that ran from `start` to `end` and waited for `waited` nanoseconds of it.
    public init(start: UInt64, end: UInt64, waited: UInt64 = 0) {
        self.start = start
        self.end = end
        self.waited = waited
    }

    /// The time spent computing, in nanoseconds.
    public var busy: UInt64 { end - start - waited }
}
