public import InfraCore

/// The kinds of failure this module reports.
public struct TraceAnalysisErrorCode: FailureCode {
    /// The module's name.
    public static let domain = "TraceAnalysis"
    /// The code's stable name.
    public let name: String
    init(_ name: String) { self.name = name }

    /// Rules are not JSON, or ask for something that cannot be.
    public static let invalidRules = TraceAnalysisErrorCode("invalidRules")
    /// A trace holds nothing that the rules say to analyse.
    public static let noSpans = TraceAnalysisErrorCode("noSpans")
    /// A file of rules or a report could not be read or written.
    public static let fileFailure = TraceAnalysisErrorCode("fileFailure")
}

/// An error of TraceAnalysis.
public typealias TraceAnalysisError = Failure<TraceAnalysisErrorCode>
