extension OverlapTable {
    /// The table as an HTML element, for a page with a style of its own.
    public var html: String { HTML.table(header, rows) }

    /// What the colours of ``bar(_:)`` mean.
    static var legend: String {
        let entries = parts(OverlapFigures()).map { part in
            "<li><i class=\"\(part.style)\"></i>\(part.name)</li>"
        }
        return "<ul class=\"legend\">\(entries.joined())</ul>"
    }

    /// A rank's window as one bar, each kind of time as long as its share.
    static func bar(_ rank: RankSummary) -> String {
        let figures = rank.figures
        let pieces = parts(figures).map { part in
            HTML.piece(
                part.style,
                share: figures.window > 0 ? part.time / figures.window : 0,
                title: "\(part.name): \(Figures.milliseconds(part.time)) ms"
            )
        }
        return """
            <div class="row"><span>\(HTML.escaped(rank.label))</span>\
            <div class="bar">\(pieces.joined())</div></div>
            """
    }

    private static func parts(
        _ figures: OverlapFigures
    ) -> [(style: String, name: String, time: Double)] {
        let exposed = figures.exposedCommunication
        let copies = figures.busy - figures.compute - exposed
        return [
            ("alone", "computing alone", figures.compute - figures.overlap),
            ("both", "computing over communication", figures.overlap),
            ("exposed", "exposed communication", exposed),
            ("copies", "copies only", max(copies, 0)),
            ("idle", "idle", figures.idle),
        ]
    }
}
