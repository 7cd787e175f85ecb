/// The overlap of computing and communication as rows and columns, for whoever shows them: a
/// terminal, or a report of another part of the program.
public struct OverlapTable: Hashable, Sendable {
    /// The columns' titles; the first names the rank.
    public let header: [String]
    /// One row a rank, and one for all together if there are several.
    public let rows: [[String]]
    private let details: String

    /// Lays out a summary.
    public init(_ summary: TraceSummary) {
        header = [
            "rank", "window ms", "compute", "communication", "overlap", "exposed", "idle", "hidden",
        ]
        var rows = summary.ranks.map { Self.row($0.label, $0.figures) }
        if rows.count > 1 { rows.append(Self.row("all", summary.figures)) }
        self.rows = rows
        details = summary.ranks.count == 1 ? RankDetails(summary.ranks[0]).text : ""
    }

    /// A rank's row: milliseconds for the window, shares of it for the rest, and the share of
    /// communication that is hidden.
    private static func row(_ label: String, _ figures: OverlapFigures) -> [String] {
        func share(_ part: Double) -> String {
            figures.window > 0 ? Figures.percent(part / figures.window) : "-"
        }
        return [
            label,
            Figures.milliseconds(figures.window),
            share(figures.compute),
            share(figures.communication),
            share(figures.overlap),
            share(figures.exposedCommunication),
            share(figures.idle),
            figures.hiddenShare.map(Figures.percent) ?? "-",
        ]
    }

    /// The table for a terminal. With a single rank its classes, annotations, streams and exposed
    /// pieces follow.
    public var text: String {
        let note = "shares of the window; hidden is the part of communication under computing"
        return ([Columns.text([header] + rows), note] + (details.isEmpty ? [] : ["", details]))
            .joined(separator: "\n")
    }
}
