import FoundationEssentials
public import InfraCore

/// A page that shows a summary; needs no network and follows the reader's light or dark setting.
public struct OverlapReport: Sendable {
    let summary: TraceSummary

    /// Prepares a report.
    public init(_ summary: TraceSummary) { self.summary = summary }

    /// Beyond this many ranks only the table names each: a page of bars nobody scrolls through.
    static let shownRankCount = 64

    /// The page, complete.
    public var html: String {
        """
        <!doctype html>
        <html lang="en">
        <head>
        <meta charset="utf-8">
        <meta name="viewport" content="width=device-width,initial-scale=1">
        <title>Overlap of computing and communication</title>
        <style>
        \(Self.style)
        </style>
        </head>
        <body>
        <main>
        \(body)
        </main>
        </body>
        </html>

        """
    }

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

    // MARK: - The page

    private var body: String {
        let shown = summary.ranks.prefix(Self.shownRankCount)
        let details = shown.map { rank in
            RankSection(rank, isOnly: summary.ranks.count == 1).html
        }
        return ([lead, cards, overlap] + details).joined(separator: "\n")
    }

    private var lead: String {
        let source = summary.source.split(separator: "/").last.map(String.init) ?? ""
        let ranks = summary.ranks.count == 1 ? "one rank" : "\(summary.ranks.count) ranks"
        return """
            <h1>Overlap of computing and communication</h1>
            <p class="lead">\(source.isEmpty ? "" : "<code>\(HTML.escaped(source))</code>, ")\
            \(ranks), \(summary.eventCount) entries</p>
            """
    }

    private var cards: String {
        let figures = summary.figures
        func share(_ part: Double) -> String {
            figures.window > 0 ? Figures.percent(part / figures.window) : "-"
        }
        let count = Double(max(summary.ranks.count, 1))
        let cards = [
            (
                "communication hidden", figures.hiddenShare.map(Figures.percent) ?? "-",
                "of communication runs under computing"
            ),
            (
                "exposed", share(figures.exposedCommunication),
                Figures.milliseconds(figures.exposedCommunication / count) + " ms of the window"
            ),
            (
                "computing", share(figures.compute),
                Figures.milliseconds(figures.compute / count) + " ms"
            ),
            ("idle", share(figures.idle), Figures.milliseconds(figures.idle / count) + " ms"),
            ("window", Figures.milliseconds(figures.window / count), "milliseconds"),
        ].map { title, value, note in
            "<div class=\"card\"><span>\(title)</span><b>\(value)</b><small>\(note)</small></div>"
        }
        return "<div class=\"cards\">\(cards.joined())</div>"
    }

    private var overlap: String {
        """
        <section>
        <h2>How each rank spent its window</h2>
        <p>Communication is hidden as long as something computes beside it.</p>
        \(OverlapTable.legend)
        \(summary.ranks.prefix(Self.shownRankCount).map(OverlapTable.bar).joined(separator: "\n"))
        \(OverlapTable(summary).html)
        </section>
        """
    }
}
