import InfraCore

#if canImport(Glibc)
    import Glibc
#endif

/// Waits for the processes of a group, and sees to it that all end once one has failed.
final class ProcessWatch: Sendable {
    private struct State {
        var running: Set<ChildProcess> = []
        var failure: String?
    }

    private let segment: SharedSegment
    private let monitor = Monitor(State())

    init(segment: SharedSegment) { self.segment = segment }

    /// Watches one process, from a thread that sleeps until it ends.
    func add(_ process: ChildProcess, rank: Int) throws(TransportError) {
        monitor.update { _ = $0.running.insert(process) }
        do throws(TransportError) {
            try RankThread.start(name: "watch \(rank)") { [self] in watch(process, rank) }
        } catch {
            // Nobody would notice its end: end it here.
            process.kill()
            _ = process.wait()
            monitor.update { _ = $0.running.remove(process) }
            throw error
        }
    }

    private func watch(_ process: ChildProcess, _ rank: Int) {
        switch process.wait() {
        case .exited(0): break
        case .exited(let code):
            // The rank has usually said why itself.
            fail(
                segment.abortReason
                    ?? "rank \(rank) (process \(process.id)) exited with code \(code)"
            )
        case .killed(let signal):
            fail(
                "rank \(rank) (process \(process.id)) was killed by signal \(signal) "
                    + "(\(String(cString: strsignal(signal))))"
            )
        }
        monitor.update { _ = $0.running.remove(process) }
    }

    /// Tells all ranks to end because of `reason`; the first one wins.
    func fail(_ reason: String) {
        segment.publishAbort(reason)
        monitor.update { $0.failure = $0.failure ?? segment.abortReason ?? reason }
    }

    /// Blocks until all processes have ended.
    ///
    /// - Returns: Why the group failed; `nil` if it did not.
    func waitForAll() -> String? {
        let _: Bool? = monitor.wait(until: nil) { state in
            state.running.isEmpty || state.failure != nil ? true : nil
        }
        let grace = Deadline(after: ProcessGroup.graceAfterFailure)
        let isOver: Bool? = monitor.wait(until: grace) { $0.running.isEmpty ? true : nil }
        if isOver == nil {
            for process in monitor.withLock({ $0.running }) { process.kill() }
            let _: Bool? = monitor.wait(until: nil) { $0.running.isEmpty ? true : nil }
        }
        return monitor.withLock { $0.failure }
    }
}
