public import InfraCore

/// A schedule replayed on paper: when each operation runs, and what that costs.
///
/// A rank starts an operation once its previous one is over and the operation's input has been
/// computed elsewhere; moving data takes no time. That all operations of a valid schedule get to
/// run proves the absence of deadlock for any durations, because whether an operation can ever
/// run depends on the order alone.
public struct PipelineSimulation: Sendable {
    /// When one operation runs.
    public struct Span: Hashable, Sendable {
        /// The start, in the unit of the durations.
        public let start: Double
        /// The end.
        public let end: Double
    }

    /// One rank's part of the result.
    public struct RankResult: Hashable, Sendable {
        /// When each operation runs; parallel to the rank's operations.
        public let spans: [Span]
        /// The sum of the operations' durations.
        public let busy: Double
        /// The time between the step's start and end that the rank does not compute.
        public let bubble: Double
        /// The most chunks whose activations the rank holds at once: from a chunk's F until its
        /// weight gradient is done. What an F&B frees, it frees at its end.
        public let peakActivations: Int
        /// The most weight gradients that wait at once, from Bi to W.
        public let peakWeightBacklog: Int
    }

    /// The schedule that was replayed.
    public let schedule: PipelineSchedule
    /// One result a rank.
    public let ranks: [RankResult]
    /// From the step's start until the last operation ends.
    public let makespan: Double

    /// The largest bubble of any rank.
    public var bubble: Double { ranks.map(\.bubble).max() ?? 0 }

    /// Replays a schedule with one duration per kind of operation.
    ///
    /// - Parameters:
    ///   - schedule: What every rank does.
    ///   - times: How long it takes.
    /// - Throws: ``PipelineErrorCode/invalidSchedule`` if an operation is impossible, repeated or
    ///   missing; ``PipelineErrorCode/deadlock``, naming what every stuck rank waits for.
    /// - Complexity: O(operations).
    public init(_ schedule: PipelineSchedule, times: PipelineTimes) throws(PipelineError) {
        try self.init(schedule) { _, _, op in times.duration(of: op) }
    }

    /// Replays a schedule with a duration for each single operation, such as measured ones.
    ///
    /// - Parameters:
    ///   - schedule: What every rank does.
    ///   - duration: The duration of an operation, given its rank, its position and itself.
    /// - Throws: As ``init(_:times:)``.
    public init(
        _ schedule: PipelineSchedule,
        duration: (_ rank: Int, _ index: Int, _ op: PipelineOp) -> Double
    ) throws(PipelineError) {
        var replay = try PipelineReplay(schedule)
        try replay.run(duration)
        let makespan = replay.spans.joined().map(\.end).max() ?? 0
        self.schedule = schedule
        self.makespan = makespan
        ranks = zip(schedule.operations, replay.spans).map { operations, spans in
            let busy = spans.reduce(0) { $0 + ($1.end - $1.start) }
            let peaks = PipelinePeaks(operations)
            return RankResult(
                spans: spans,
                busy: busy,
                bubble: makespan - busy,
                peakActivations: peaks.activations,
                peakWeightBacklog: peaks.weightBacklog
            )
        }
    }
}
