import Synchronization

/// Collects what happens in a running program, from any thread.
///
/// Recording takes a lock and appends; nothing is written anywhere until ``trace()`` is asked
/// for. Beyond ``maximumEventCount`` events are counted, not kept.
public final class TraceRecorder: Sendable {
    private struct State {
        var events: [TraceEvent] = []
        var droppedEventCount = 0
    }

    private let state = Mutex(State())
    /// Where the times come from.
    public let clock: TraceClock
    /// How many events are kept.
    public let maximumEventCount: Int

    /// Creates an empty recorder.
    ///
    /// - Parameters:
    ///   - clock: Where the times come from.
    ///   - maximumEventCount: How many events are kept; the rest is only counted.
    public init(clock: TraceClock = .monotonic, maximumEventCount: Int = 1 << 20) {
        self.clock = clock
        self.maximumEventCount = maximumEventCount
    }

    /// The clock's time now, for ``span(_:category:process:thread:from:to:arguments:)``.
    public var now: UInt64 { clock.nanoseconds }

    /// How many events came after the recorder was full.
    public var droppedEventCount: Int { state.withLock { $0.droppedEventCount } }

    /// Adds an event made elsewhere.
    public func record(_ event: TraceEvent) {
        state.withLock { state in
            if state.events.count < maximumEventCount {
                state.events.append(event)
            } else {
                state.droppedEventCount += 1
            }
        }
    }

    /// Adds a span.
    ///
    /// - Parameters:
    ///   - name: What is shown.
    ///   - category: What viewers filter by.
    ///   - process: The process it belongs to.
    ///   - thread: The thread it belongs to.
    ///   - start: When it began, in nanoseconds of ``clock``.
    ///   - end: When it ended; not before `start`.
    ///   - arguments: Whatever else is known.
    public func span(
        _ name: String,
        category: String? = nil,
        process: TrackID,
        thread: TrackID,
        from start: UInt64,
        to end: UInt64,
        arguments: [String: TraceValue] = [:]
    ) {
        precondition(end >= start, "span \(name) ends at \(end) ns, before its start \(start) ns")
        record(
            TraceEvent(
                name: name,
                category: category,
                kind: .span,
                timestampMicroseconds: Double(start) / 1000,
                durationMicroseconds: Double(end - start) / 1000,
                process: process,
                thread: thread,
                arguments: arguments
            )
        )
    }

    /// Runs `body` and records how long it took, also if it throws.
    ///
    /// - Returns: What `body` returns.
    public func measure<Result, Failure: Error>(
        _ name: String,
        category: String? = nil,
        process: TrackID,
        thread: TrackID,
        _ body: () throws(Failure) -> Result
    ) throws(Failure) -> Result {
        let start = now
        defer {
            span(
                name,
                category: category,
                process: process,
                thread: thread,
                from: start,
                to: now
            )
        }
        return try body()
    }

    /// Records values that a viewer draws as curves.
    public func counter(_ name: String, process: TrackID, values: [String: Double]) {
        record(
            TraceEvent(
                name: name,
                kind: .counter,
                timestampMicroseconds: Double(now) / 1000,
                process: process,
                thread: 0,
                arguments: values.mapValues { .double($0) }
            )
        )
    }

    /// Records a moment.
    public func instant(
        _ name: String,
        process: TrackID,
        thread: TrackID,
        arguments: [String: TraceValue] = [:]
    ) {
        record(
            TraceEvent(
                name: name,
                kind: .instant,
                timestampMicroseconds: Double(now) / 1000,
                process: process,
                thread: thread,
                arguments: arguments
            )
        )
    }

    /// Gives a process the name that viewers show; `sortIndex` orders processes.
    public func nameProcess(_ process: TrackID, _ name: String, sortIndex: Int? = nil) {
        nameTrack("process", name, sortIndex, process: process, thread: 0)
    }

    /// Gives a thread the name that viewers show; `sortIndex` orders the threads of a process.
    public func nameThread(
        process: TrackID,
        thread: TrackID,
        _ name: String,
        sortIndex: Int? = nil
    ) {
        nameTrack("thread", name, sortIndex, process: process, thread: thread)
    }

    /// Everything recorded so far, in the order of recording.
    public func trace() -> ChromeTrace {
        ChromeTrace(events: state.withLock { $0.events })
    }

    private func nameTrack(
        _ what: String,
        _ name: String,
        _ sortIndex: Int?,
        process: TrackID,
        thread: TrackID
    ) {
        func metadata(_ key: String, _ arguments: [String: TraceValue]) {
            record(
                TraceEvent(
                    name: key,
                    kind: .metadata,
                    timestampMicroseconds: 0,
                    process: process,
                    thread: thread,
                    arguments: arguments
                )
            )
        }
        metadata(what + "_name", ["name": .string(name)])
        if let sortIndex { metadata(what + "_sort_index", ["sort_index": .int(sortIndex)]) }
    }
}
