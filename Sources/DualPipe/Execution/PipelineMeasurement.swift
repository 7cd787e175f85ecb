public import InfraCore

/// A step as it ran, beside the same step on paper.
///
/// The bubble of a rank is the time it did not compute between the first start and the last end of
/// any rank. The simulation replays the schedule with the durations that were measured and with
/// messages that take no time: what separates the two bubbles is communication, and ranks that
/// compete for cores. On paper an F&B starts when both its inputs are there; stages that do not
/// overlap start its forward half earlier, so the measured makespan may come out a little shorter.
public struct PipelineMeasurement: Sendable {
    /// What every rank did.
    public let schedule: PipelineSchedule
    /// When each operation ran, one list a rank.
    public let timings: [[PipelineOpTiming]]
    /// The first operation's start, in nanoseconds of the machine's monotonic clock.
    public let start: UInt64
    /// From the first operation's start to the last one's end, in nanoseconds.
    public let makespan: Double
    /// For each rank, the part of ``makespan`` in which it did not compute, in nanoseconds.
    public let bubbles: [Double]
    /// The replay; its times are nanoseconds too.
    public let simulation: PipelineSimulation

    /// Evaluates the timings of one step.
    ///
    /// - Parameters:
    ///   - schedule: What was run.
    ///   - timings: What ``PipelineStepResult/timings`` held on each rank.
    /// - Throws: ``PipelineErrorCode/invalidArguments`` if the counts do not fit the schedule.
    public init(
        _ schedule: PipelineSchedule,
        timings: [[PipelineOpTiming]]
    ) throws(PipelineError) {
        let counts = timings.map(\.count)
        let expected = schedule.operations.map(\.count)
        guard counts == expected else {
            throw PipelineError(
                .invalidArguments,
                "timings hold \(counts) operations; the schedule has \(expected)"
            )
        }
        self.schedule = schedule
        self.timings = timings
        start = timings.joined().map(\.start).min() ?? 0
        let end = timings.joined().map(\.end).max() ?? 0
        let makespan = Double(end - start)
        self.makespan = makespan
        bubbles = timings.map { makespan - $0.reduce(0) { $0 + Double($1.busy) } }
        simulation = try PipelineSimulation(schedule) { rank, index, _ in
            Double(timings[rank][index].busy)
        }
    }

    /// The mean share of the step in which a rank did not compute, as measured.
    public var bubbleShare: Double { Self.share(bubbles, of: makespan) }

    /// The same on paper.
    public var simulatedBubbleShare: Double {
        Self.share(simulation.ranks.map(\.bubble), of: simulation.makespan)
    }

    private static func share(_ bubbles: [Double], of makespan: Double) -> Double {
        guard makespan > 0, !bubbles.isEmpty else { return 0 }
        return bubbles.reduce(0, +) / Double(bubbles.count) / makespan
    }
}
