/// Progress of long work on stderr: a bar redrawn in place on a terminal, plain lines elsewhere.
///
/// Elsewhere (a log file, CI) at most one line per tenth of the work is printed.
package struct Progress {
    private let title: String
    private let total: Int
    private let isInteractive: Bool
    private let columns: Int
    private let write: (String) -> Void
    private let start = ContinuousClock.now
    private var lastDraw: ContinuousClock.Instant?
    private var lastTenth = 0

    /// How often a bar is redrawn at most: faster than the eye follows only costs time.
    private static let redrawInterval = Duration.milliseconds(100)
    /// A narrow terminal shortens the bar first: the figures say more.
    private static let barWidths = 8...30

    /// Starts the clock; nothing is shown before the first update.
    ///
    /// - Parameters:
    ///   - title: What is being done, such as `training`.
    ///   - total: How many steps make the whole.
    init(_ title: String, total: Int) {
        self.init(
            title,
            total: total,
            isInteractive: Console.isInteractive,
            columns: Console.columns,
            write: Console.writeProgress
        )
    }

    /// Like ``init(_:total:)``, for a terminal or log of the caller's.
    ///
    /// - Parameters:
    ///   - title: What is being done.
    ///   - total: How many steps make the whole.
    ///   - isInteractive: Whether the line can be redrawn.
    ///   - columns: How many characters fit in a line of the terminal.
    ///   - write: Receives the text to show.
    package init(
        _ title: String,
        total: Int,
        isInteractive: Bool,
        columns: Int,
        write: @escaping (String) -> Void
    ) {
        self.title = title
        self.total = max(total, 1)
        self.isInteractive = isInteractive
        self.columns = columns
        self.write = write
    }

    /// Shows that `done` steps are finished.
    ///
    /// - Parameters:
    ///   - done: Steps finished so far.
    ///   - detail: Figures to show beside the bar, such as the loss.
    package mutating func update(_ done: Int, detail: String = "") {
        let done = min(max(done, 0), total)
        if isInteractive {
            let now = ContinuousClock.now
            if let lastDraw, now - lastDraw < Self.redrawInterval, done < total { return }
            lastDraw = now
            let figures = line([title, "\(done)/\(total)", detail, time(done)])
            // A line that wraps could not be redrawn; one column stays free for the cursor, and two
            // spaces stand beside the bar.
            let room = columns - 1 - figures.count - 2
            let width = min(max(room, Self.barWidths.lowerBound), Self.barWidths.upperBound)
            let filled = done * width / total
            let bar =
                String(repeating: "█", count: filled)
                + String(repeating: "░", count: width - filled)
            let line = line([title, bar, "\(done)/\(total)", detail, time(done)])
                .prefix(max(columns - 1, 1))
            write("\r\u{1B}[K\(line)" + (done == total ? "\n" : ""))
        } else {
            let tenth = done * 10 / total
            guard tenth > lastTenth else { return }
            lastTenth = tenth
            write(line([title, "\(done)/\(total)", detail, time(done)]) + "\n")
        }
    }

    private func line(_ parts: [String]) -> String {
        parts.filter { !$0.isEmpty }.joined(separator: "  ")
    }

    /// Seconds so far, and an estimate of what is left if steps take as long as they did.
    private func time(_ done: Int) -> String {
        let elapsed = ContinuousClock.now - start
        let seconds = "\(elapsed.components.seconds) s"
        guard done > 0, done < total, elapsed >= .seconds(2) else { return seconds }
        return "\(seconds), \((elapsed * (total - done) / done).components.seconds) s left"
    }
}
