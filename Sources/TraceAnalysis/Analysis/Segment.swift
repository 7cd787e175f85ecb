/// One classified stretch of work on one lane (a stream, or a thread) of a rank.
struct Segment {
    var interval: Interval
    var verdict: SpanClassifier.Verdict
    var name: Int32
    /// The stream or thread, as a number of the collector's.
    var lane: Int32
    /// How many thread blocks a kernel has; -1 if unknown.
    var blockCount: Int32 = -1
    /// Which annotation the launch stands in, an index into the collector's; -1 if in none.
    var annotation: Int32 = -1
    /// When the host launched it; `nil` if unknown.
    var launch: Int64?

    var role: SpanRole { verdict.role }
}
