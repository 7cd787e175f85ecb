import InfraCore

/// The messages that have reached a rank and wait to be asked for.
final class Mailbox: Sendable {
    private struct Key: Hashable {
        var source: Int
        var tag: MessageTag
    }

    /// A queue that forgets what it has handed out in bulk, not one by one.
    private struct Queue {
        var messages: [Message] = []
        var first = 0
        var isEmpty: Bool { first == messages.count }

        mutating func append(_ message: Message) { messages.append(message) }

        mutating func take() -> Message {
            let message = messages[first]
            messages[first] = Message()
            first += 1
            if first > 32, first * 2 > messages.count {
                messages.removeFirst(first)
                first = 0
            }
            return message
        }
    }

    private struct State {
        var queues: [Key: Queue] = [:]
        var byteCounts: [Int]
        /// Set once: nothing can be sent or received any more.
        var failure: TransportError?
        /// Whether some sender found no room since the last message was taken.
        var isRoomWanted = false
        /// Sources that will send nothing more.
        var finished: Set<Int> = []
    }

    private let monitor: Monitor<State>
    private let owner: Int
    private let limits: TransportLimits

    init(owner: Int, rankCount: Int, limits: TransportLimits) {
        self.owner = owner
        self.limits = limits
        monitor = Monitor(State(byteCounts: Array(repeating: 0, count: rankCount)))
    }

    /// Adds a message once there is room.
    func put(
        _ message: Message,
        from source: Int,
        tag: MessageTag,
        deadline: Deadline
    ) throws(TransportError) {
        let byteCount = message.byteCount
        let done: Bool? = try monitor.wait(until: deadline) {
            (state) throws(TransportError) in
            if let failure = state.failure { throw failure }
            let queued = state.byteCounts[source]
            if queued > 0, queued + byteCount > limits.maximumQueuedByteCount {
                state.isRoomWanted = true
                return nil
            }
            Self.append(message, byteCount, Key(source: source, tag: tag), &state)
            return true
        }
        guard done != nil else {
            throw TransportError(
                .timeout,
                "rank \(source) waited \(deadline.allowed) to send \(byteCount) bytes with tag "
                    + "\(tag) to rank \(owner), whose queue of "
                    + "\(limits.maximumQueuedByteCount) bytes stayed full"
            )
        }
        monitor.notifyAll()
    }

    /// Adds a message whose room was checked before with ``hasRoom(for:)``.
    func add(_ message: Message, from source: Int, tag: MessageTag) {
        monitor.update { state in
            Self.append(message, message.byteCount, Key(source: source, tag: tag), &state)
        }
    }

    /// Whether a source may deliver more; if not, ``take(from:tag:deadline:)`` will tell when
    /// room was made.
    func hasRoom(for source: Int) -> Bool {
        monitor.withLock { state in
            let hasRoom = state.byteCounts[source] < limits.maximumQueuedByteCount
            if !hasRoom { state.isRoomWanted = true }
            return hasRoom
        }
    }

    /// Hands out the next message of a source and tag.
    ///
    /// - Returns: The message, and whether a sender waits for the room that it leaves.
    func take(
        from source: Int,
        tag: MessageTag,
        deadline: Deadline
    ) throws(TransportError) -> (message: Message, isRoomWanted: Bool) {
        let key = Key(source: source, tag: tag)
        var isRoomWanted = false
        let message: Message? = try monitor.wait(until: deadline) {
            (state) throws(TransportError) in
            if let failure = state.failure { throw failure }
            guard let index = state.queues.index(forKey: key) else {
                if state.finished.contains(source) {
                    throw TransportError(
                        .peerLost,
                        "rank \(owner) waits for a message with tag \(tag) from rank \(source), "
                            + "which has finished without sending it"
                    )
                }
                return nil
            }
            let message = state.queues.values[index].take()
            if state.queues.values[index].isEmpty { state.queues.remove(at: index) }
            state.byteCounts[source] -= message.byteCount
            isRoomWanted = state.isRoomWanted
            state.isRoomWanted = false
            return message
        }
        guard let message else { throw timeout(source, tag, deadline) }
        return (message, isRoomWanted)
    }

    /// Makes every wait fail, now and later; the first reason is kept.
    func fail(_ error: TransportError) {
        monitor.update { $0.failure = $0.failure ?? error }
    }

    /// Notes that a source will send nothing more.
    func finish(_ source: Int) {
        monitor.update { _ = $0.finished.insert(source) }
    }

    /// Wakes senders that wait for room.
    func announceRoom() { monitor.notifyAll() }

    private static func append(
        _ message: Message,
        _ byteCount: Int,
        _ key: Key,
        _ state: inout State
    ) {
        state.queues[key, default: Queue()].append(message)
        state.byteCounts[key.source] += byteCount
    }

    private func timeout(
        _ source: Int,
        _ tag: MessageTag,
        _ deadline: Deadline
    ) -> TransportError {
        let others = monitor.withLock { state in
            state.queues.filter { $0.key.source == source }.reduce(0) {
                $0 + $1.value.messages.count - $1.value.first
            }
        }
        return TransportError(
            .timeout,
            "rank \(owner) waited \(deadline.allowed) for a message with tag \(tag) from rank "
                + "\(source) (\(others) messages with other tags wait)"
        )
    }
}
