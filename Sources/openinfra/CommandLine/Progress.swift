/// Progress of long work on stderr: a bar redrawn in place on a terminal, plain lines elsewhere.
///
/// Elsewhere (a log file, CI) at most one line per tenth of the work is printed.
struct Progress {
    private let title: String
    private let total: Int
    private let isInteractive: Bool
    private let start = ContinuousClock.now
    private var lastDraw: ContinuousClock.Instant?
    private var lastTenth = 0

    /// - Parameters:
    ///   - title: What is being done, such as `training`.
    ///   - total: How many steps make the whole.
    init(_ title: String, total: Int, isInteractive: Bool = Console.isInteractive) {
        self.title = title
        self.total = max(total, 1)
        self.isInteractive = isInteractive
    }

    /// Shows that `done` steps are finished.
    ///
    /// - Parameters:
    ///   - done: Steps finished so far.
    ///   - detail: Figures to show beside the bar, such as the loss.
    mutating func update(_ done: Int, detail: String = "") {
        let now = ContinuousClock.now
        let seconds = start.duration(to: now).components.seconds
        if isInteractive {
            if let lastDraw, now - lastDraw < .milliseconds(100), done < total { return }
            lastDraw = now
            let width = 30
            let filled = min(width, done * width / total)
            let bar =
                String(repeating: "█", count: filled)
                + String(repeating: "░", count: width - filled)
            Console.writeErrorRaw(
                "\r\u{1B}[K\(title) \(bar) \(done)/\(total)  \(detail)  \(seconds) s"
                    + (done >= total ? "\n" : "")
            )
        } else {
            let tenth = done * 10 / total
            guard tenth > lastTenth else { return }
            lastTenth = tenth
            Console.writeError("\(title) \(done)/\(total)  \(detail)  \(seconds) s")
        }
    }
}
