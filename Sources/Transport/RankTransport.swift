public import InfraCore

/// How one rank of a group talks to the others.
///
/// All calls block the calling thread, so they belong on threads of their own
/// (``RankGroup``, ``ProcessGroup``), never on Swift's cooperative pool. Any thread of the rank
/// may call.
public protocol RankTransport: AnyObject, Sendable {
    /// This rank, from 0.
    var rank: Int { get }
    /// How many ranks there are.
    var rankCount: Int { get }

    /// Queues a message and returns; it travels while the caller goes on.
    ///
    /// - Parameters:
    ///   - message: What to send; its payloads must not be written to afterwards.
    ///   - destination: The receiving rank; the sender itself is allowed.
    ///   - tag: What the message belongs to.
    ///   - deadline: How long to wait if ``TransportLimits/maximumQueuedByteCount`` is reached.
    /// - Throws: ``TransportErrorCode/timeout`` if the queue stays full,
    ///   ``TransportErrorCode/aborted`` or ``TransportErrorCode/peerLost`` if the group ended,
    ///   ``TransportErrorCode/invalidArgument`` for a rank or size that cannot be.
    func send(
        _ message: Message,
        to destination: Int,
        tag: MessageTag,
        deadline: Deadline
    ) throws(TransportError)

    /// Waits for the next message of a source and tag.
    ///
    /// - Parameters:
    ///   - source: The sending rank.
    ///   - tag: What the message belongs to.
    ///   - deadline: How long to wait.
    /// - Returns: The message; its payloads may be shared with the sender.
    /// - Throws: ``TransportErrorCode/timeout``, naming who waited for whom and how long;
    ///   otherwise as ``send(_:to:tag:deadline:)``.
    func receive(
        from source: Int,
        tag: MessageTag,
        deadline: Deadline
    ) throws(TransportError) -> Message

    /// Ends the group because of an error here: every wait of every rank fails with the reason.
    /// The first reason wins.
    func abort(_ reason: String)
}

extension RankTransport {
    /// Refuses a rank outside the group.
    package func check(_ peer: Int, _ role: String) throws(TransportError) {
        guard (0..<rankCount).contains(peer) else {
            throw TransportError(
                .invalidArgument,
                "\(role) is \(peer); the group has ranks 0..<\(rankCount)"
            )
        }
    }
}
