public import InfraCore

/// The kinds of failure this module reports.
public struct PipelineErrorCode: FailureCode {
    /// The module's name.
    public static let domain = "DualPipe"
    /// The code's stable name.
    public let name: String
    init(_ name: String) { self.name = name }

    /// The number of ranks does not suit the kind of schedule.
    public static let invalidRanks = PipelineErrorCode("invalidRanks")
    /// The number of chunks does not suit the kind of schedule and the ranks.
    public static let invalidChunks = PipelineErrorCode("invalidChunks")
    /// An operation's duration is not usable.
    public static let invalidTimes = PipelineErrorCode("invalidTimes")
    /// An operation names a phase or chunk that does not exist, or is repeated or missing.
    public static let invalidSchedule = PipelineErrorCode("invalidSchedule")
    /// Ranks wait for each other in a circle.
    public static let deadlock = PipelineErrorCode("deadlock")
    /// The batch cannot be cut into the schedule's chunks.
    public static let invalidBatch = PipelineErrorCode("invalidBatch")
    /// Inputs or labels are missing on a rank that must feed them, or given on another.
    public static let invalidArguments = PipelineErrorCode("invalidArguments")
    /// The two copies of a stage disagree about their gradients.
    public static let gradientMismatch = PipelineErrorCode("gradientMismatch")
}

/// An error of DualPipe.
public typealias PipelineError = Failure<PipelineErrorCode>
