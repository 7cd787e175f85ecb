import FoundationEssentials
public import InfraCore

/// A page that shows a summary; needs no network and follows the reader's light or dark setting.
public struct OverlapReport: Sendable {
    private let summary: TraceSummary

    /// Prepares a report.
    public init(_ summary: TraceSummary) { self.summary = summary }

    /// The page.
    public var html: String { OverlapTable(summary).text }

    /// Writes the page; a file of that name is replaced in one piece.
    ///
    /// - Throws: ``TraceAnalysisErrorCode/fileFailure``.
    public func write(to path: String) throws(TraceAnalysisError) {
        do {
            try Data(html.utf8).write(to: URL(filePath: path), options: .atomic)
        } catch {
            throw TraceAnalysisError(.fileFailure, "cannot write report \(path)", cause: error)
        }
    }
}
