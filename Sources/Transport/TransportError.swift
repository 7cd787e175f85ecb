public import InfraCore

/// The kinds of failure this module reports.
public struct TransportErrorCode: FailureCode {
    /// The module's name.
    public static let domain = "Transport"
    /// The code's stable name.
    public let name: String
    init(_ name: String) { self.name = name }

    /// A wait reached its deadline.
    public static let timeout = TransportErrorCode("timeout")
    /// Another rank failed and ended the group.
    public static let aborted = TransportErrorCode("aborted")
    /// Another rank's process ended without a word.
    public static let peerLost = TransportErrorCode("peerLost")
    /// A rank, tag or size is not one that can be sent to or received.
    public static let invalidArgument = TransportErrorCode("invalidArgument")
    /// A shared-memory segment could not be made, joined or understood.
    public static let sharedMemory = TransportErrorCode("sharedMemory")
    /// A thread or process could not be started.
    public static let launchFailure = TransportErrorCode("launchFailure")
    /// What arrived is not what was agreed on.
    public static let malformedMessage = TransportErrorCode("malformedMessage")
}

/// An error of Transport.
public typealias TransportError = Failure<TransportErrorCode>
