/// One rank's classes, annotations, lanes and exposed pieces as text.
struct RankDetails {
    private let rank: RankSummary

    init(_ rank: RankSummary) { self.rank = rank }

    private static let shownPieceCount = 5

    var text: String {
        [classes, annotations, lanes, sharing, pieces].filter { !$0.isEmpty }
            .joined(separator: "\n\n")
    }

    private var classes: String {
        var lines = [["class", "ms", "share of window"]]
        for entry in rank.classes {
            lines.append([
                entry.name, Figures.milliseconds(entry.microseconds), share(entry.microseconds),
            ])
        }
        return Columns.text(lines)
    }

    private var annotations: String {
        guard !rank.annotations.isEmpty else { return "" }
        var lines = [["annotation", "device ms", "times", "period ms"]]
        for entry in rank.annotations {
            lines.append([
                entry.name,
                Figures.milliseconds(entry.deviceTime),
                "\(entry.occurrenceCount)",
                entry.period.map(Figures.milliseconds) ?? "-",
            ])
        }
        return Columns.text(lines)
    }

    private var lanes: String {
        var lines = [["stream", "busy ms", "host wait ms", "kernel wait ms", "other idle ms"]]
        for lane in rank.lanes {
            lines.append([
                lane.name,
                Figures.milliseconds(lane.busy),
                Figures.milliseconds(lane.idle.host),
                Figures.milliseconds(lane.idle.kernel),
                Figures.milliseconds(lane.idle.other),
            ])
        }
        return Columns.text(lines)
    }

    private var sharing: String {
        var lines: [String] = []
        let total = rank.communicationData + rank.communicationWait
        if total > 0 {
            lines.append(
                "communication: \(Figures.milliseconds(rank.communicationData)) ms moves data, "
                    + "\(Figures.milliseconds(rank.communicationWait)) ms "
                    + "(\(Figures.percent(rank.communicationWait / total))) waits for other ranks"
            )
        }
        if let use = rank.multiprocessors {
            lines.append(
                "multiprocessors: communication holds "
                    + "\(Figures.decimal(use.communication, digits: 1)) of \(use.count), "
                    + "\(Figures.decimal(use.computeDuringCommunication, digits: 1)) compute "
                    + "meanwhile (\(Figures.percent(use.weightedOverlap)) of the rest)"
            )
        }
        if let period = rank.period {
            lines.append("the annotations come again every \(Figures.milliseconds(period)) ms")
        }
        return lines.joined(separator: "\n")
    }

    private var pieces: String {
        guard !rank.exposedPieces.isEmpty else { return "" }
        let lines = rank.exposedPieces.prefix(Self.shownPieceCount).map { piece in
            "  \(Figures.milliseconds(piece.duration)) ms at \(Figures.milliseconds(piece.start)): "
                + Figures.shortName(piece.name) + (piece.annotation.map { " in \($0)" } ?? "")
                + (piece.nextCompute.map { ", before \(Figures.shortName($0))" } ?? "")
        }
        return (["largest exposed communication"] + lines).joined(separator: "\n")
    }

    private func share(_ microseconds: Double) -> String {
        rank.figures.window > 0 ? Figures.percent(microseconds / rank.figures.window) : "-"
    }
}
