public import Traces

/// How an executor runs.
public struct PipelineOptions: Sendable {
    /// Whether DualPipe's two copies of each stage exchange their gradients at the end of a step.
    /// Gradients must then start from zero in each step, or the earlier steps' count twice.
    public var reducesMirroredGradients = true
    /// Whether the last stage's outputs are kept and returned; they can be large.
    public var keepsOutputs = false
    /// Whether the result says when each operation ran.
    public var measuresOperations = false
    /// Where operations are recorded, one row a rank; `nil` for nowhere.
    public var recorder: TraceRecorder?
    /// The process of the trace that the ranks' rows belong to.
    public var traceProcess: TrackID = 0

    /// Sets the defaults: reduce, keep nothing, measure nothing.
    public init() {}
}
