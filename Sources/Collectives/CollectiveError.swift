public import InfraCore

/// The kinds of failure this module reports.
public struct CollectiveErrorCode: FailureCode {
    /// The module's name.
    public static let domain = "Collectives"
    /// The code's stable name.
    public let name: String
    init(_ name: String) { self.name = name }

    /// A list of ranks is empty, repeats one, or leaves the world.
    public static let invalidRanks = CollectiveErrorCode("invalidRanks")
    /// Tensors of different ranks do not fit each other, or not the operation.
    public static let shapeMismatch = CollectiveErrorCode("shapeMismatch")
    /// The operation is not defined for a dtype.
    public static let dtypeMismatch = CollectiveErrorCode("dtypeMismatch")
    /// A message does not hold a list of tensors.
    public static let malformedMessage = CollectiveErrorCode("malformedMessage")
}

/// An error of Collectives.
public typealias CollectiveError = Failure<CollectiveErrorCode>
