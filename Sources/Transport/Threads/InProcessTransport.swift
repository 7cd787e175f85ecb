public import InfraCore

/// Messages between threads of one process. Payloads are passed by reference: nothing is copied.
public final class InProcessTransport: RankTransport {
    /// This rank.
    public let rank: Int
    /// How many ranks there are.
    public var rankCount: Int { mailboxes.count }
    /// One a rank, shared by all transports of the group.
    private let mailboxes: [Mailbox]
    private let limits: TransportLimits

    private init(rank: Int, mailboxes: [Mailbox], limits: TransportLimits) {
        self.rank = rank
        self.mailboxes = mailboxes
        self.limits = limits
    }

    /// Makes the transports of a group, one a rank.
    ///
    /// - Parameters:
    ///   - rankCount: How many ranks; at least 1.
    ///   - limits: The bounds of queues and messages.
    public static func group(
        rankCount: Int,
        limits: TransportLimits = TransportLimits()
    ) -> [InProcessTransport] {
        precondition(rankCount >= 1, "rankCount is \(rankCount); it must be at least 1")
        let mailboxes = (0..<rankCount).map {
            Mailbox(owner: $0, rankCount: rankCount, limits: limits)
        }
        return (0..<rankCount).map {
            InProcessTransport(rank: $0, mailboxes: mailboxes, limits: limits)
        }
    }

    /// Queues a message; see ``RankTransport/send(_:to:tag:deadline:)``.
    public func send(
        _ message: Message,
        to destination: Int,
        tag: MessageTag,
        deadline: Deadline
    ) throws(TransportError) {
        try check(destination, "destination")
        try limits.check(message)
        try mailboxes[destination].put(message, from: rank, tag: tag, deadline: deadline)
    }

    /// Waits for a message; see ``RankTransport/receive(from:tag:deadline:)``.
    public func receive(
        from source: Int,
        tag: MessageTag,
        deadline: Deadline
    ) throws(TransportError) -> Message {
        try check(source, "source")
        let taken = try mailboxes[rank].take(from: source, tag: tag, deadline: deadline)
        if taken.isRoomWanted { mailboxes[rank].announceRoom() }
        return taken.message
    }

    /// Makes every wait of the group fail.
    public func abort(_ reason: String) {
        let error = TransportError(.aborted, "rank \(rank) ended the group: \(reason)")
        for mailbox in mailboxes { mailbox.fail(error) }
    }

    /// Tells the others that this rank sends nothing more, so that a wait for it fails at once.
    func finish() {
        for mailbox in mailboxes { mailbox.finish(rank) }
    }
}
