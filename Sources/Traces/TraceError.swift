public import InfraCore

/// The kinds of failure this module reports.
public struct TraceErrorCode: FailureCode {
    /// The module's name.
    public static let domain = "Traces"
    /// The code's stable name.
    public let name: String
    init(_ name: String) { self.name = name }

    /// A file is not a Chrome trace.
    public static let malformedFile = TraceErrorCode("malformedFile")
    /// A file ends before the trace does.
    public static let truncatedFile = TraceErrorCode("truncatedFile")
    /// A compressed file needs zlib, which cannot be opened.
    public static let zlibMissing = TraceErrorCode("zlibMissing")
    /// A file could not be read or written.
    public static let fileFailure = TraceErrorCode("fileFailure")
}

/// An error of Traces.
public typealias TraceError = Failure<TraceErrorCode>
