/// One rank's part of the page: its classes, annotations, lanes and exposed pieces.
struct RankSection {
    private let rank: RankSummary
    private let isOnly: Bool

    init(_ rank: RankSummary, isOnly: Bool) {
        self.rank = rank
        self.isOnly = isOnly
    }

    var html: String {
        let title = isOnly ? "" : "<h2>\(HTML.escaped(rank.label))</h2>"
        return """
            <section>
            \(title)
            \([classes, pieces, annotations, lanes].filter { !$0.isEmpty }.joined(separator: "\n"))
            </section>
            """
    }

    private var classes: String {
        let total = rank.classes.reduce(0) { $0 + $1.microseconds }
        guard total > 0 else { return "" }
        let colours = rank.classes.indices.map { "c\($0 % OverlapReport.classColourCount)" }
        let bar = zip(rank.classes, colours).map { entry, colour in
            HTML.piece(
                colour,
                share: entry.microseconds / total,
                title: "\(entry.name): \(Figures.milliseconds(entry.microseconds)) ms"
            )
        }
        let legend = zip(rank.classes, colours).map { entry, colour in
            "<li><i class=\"\(colour)\"></i>\(HTML.escaped(entry.name)) "
                + "<b>\(Figures.milliseconds(entry.microseconds))</b></li>"
        }
        return """
            <h3>Time of each class</h3>
            <p>Sums of durations in milliseconds; what ran side by side counts twice.\(sharing)</p>
            <div class="row"><span>\(HTML.escaped(rank.label))</span>\
            <div class="bar">\(bar.joined())</div></div>
            <ul class="legend">\(legend.joined())</ul>
            """
    }

    private var sharing: String {
        var text = ""
        let total = rank.communicationData + rank.communicationWait
        if total > 0 {
            text +=
                " Of the communication, \(Figures.percent(rank.communicationWait / total)) waits "
                + "for other ranks."
        }
        if let use = rank.multiprocessors {
            text +=
                " Communication holds \(Figures.decimal(use.communication, digits: 1)) of "
                + "\(use.count) multiprocessors; "
                + "\(Figures.decimal(use.computeDuringCommunication, digits: 1)) compute meanwhile."
        }
        if let period = rank.period {
            text += " The annotations come again every \(Figures.milliseconds(period)) ms."
        }
        return text
    }

    private var pieces: String {
        guard let longest = rank.exposedPieces.first?.duration, longest > 0 else { return "" }
        let lines = rank.exposedPieces.map { piece in
            let after = piece.nextCompute.map { ", then \(Figures.shortName($0))" } ?? ""
            let what =
                (piece.annotation.map { " in \($0)" } ?? "") + (piece.isWait ? " (waits)" : "")
                + after
            return """
                <li><div class="track"><div class="exposed" style="width:\
                \(Figures.decimal(piece.duration / longest * 100, digits: 1))%"></div></div>\
                <b>\(Figures.milliseconds(piece.duration)) ms</b> \
                <span>at \(Figures.milliseconds(piece.start)): \
                <code>\(HTML.escaped(Figures.shortName(piece.name)))</code>\
                \(HTML.escaped(what))</span></li>
                """
        }
        return """
            <h3>Largest exposed communication</h3>
            <ol class="pieces">
            \(lines.joined(separator: "\n"))
            </ol>
            """
    }

    private var annotations: String {
        guard !rank.annotations.isEmpty else { return "" }
        let rows = rank.annotations.map { entry in
            [
                entry.name, Figures.milliseconds(entry.deviceTime), "\(entry.occurrenceCount)",
                entry.period.map(Figures.milliseconds) ?? "-",
            ]
        }
        return """
            <h3>Device time of each annotation</h3>
            \(HTML.table(["annotation", "device ms", "times", "period ms"], rows))
            """
    }

    private var lanes: String {
        let rows = rank.lanes.map { lane in
            [
                lane.name, Figures.milliseconds(lane.busy), Figures.milliseconds(lane.idle.host),
                Figures.milliseconds(lane.idle.kernel), Figures.milliseconds(lane.idle.other),
            ]
        }
        let header = ["stream", "busy ms", "host wait ms", "kernel wait ms", "other idle ms"]
        return """
            <h3>Why streams stood still</h3>
            <p>Host wait: the next work was launched too late. Kernel wait: under 30 &micro;s from \
            one piece to the next. Other: mostly waits for another stream.</p>
            \(HTML.table(header, rows))
            """
    }
}
