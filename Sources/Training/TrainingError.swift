public import InfraCore

/// The kinds of failure this module reports.
public struct TrainingErrorCode: FailureCode {
    /// The module's name.
    public static let domain = "Training"
    /// The code's stable name.
    public let name: String
    init(_ name: String) { self.name = name }

    /// A setting is not allowed, or two settings do not fit together.
    public static let invalidConfiguration = TrainingErrorCode("invalidConfiguration")
    /// The corpus is missing, unreadable or too small.
    public static let corpusUnusable = TrainingErrorCode("corpusUnusable")
    /// A checkpoint is missing, damaged, or belongs to another run.
    public static let checkpointUnusable = TrainingErrorCode("checkpointUnusable")
    /// A file could not be written.
    public static let fileFailure = TrainingErrorCode("fileFailure")
    /// The loss or a gradient is no longer a finite number.
    public static let diverged = TrainingErrorCode("diverged")
    /// A rank did not do its part of an exchange.
    public static let exchangeFailure = TrainingErrorCode("exchangeFailure")
}

/// An error of Training.
public typealias TrainingError = Failure<TrainingErrorCode>
