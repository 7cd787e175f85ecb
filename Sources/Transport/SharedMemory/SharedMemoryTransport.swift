public import InfraCore

#if canImport(Glibc)
    import Glibc
#endif

/// Messages between processes of one machine, through rings of bytes in shared memory.
///
/// Two threads of each process move the bytes: what does not fit a ring at once is written by one
/// as room appears, and what arrives is collected by the other while the rank computes. All
/// sleep on futexes; nothing spins. A process that ends without finishing ends the group: its
/// launcher notices at once, the others within ``livenessInterval`` and ``launcherHeadStart``.
public final class SharedMemoryTransport: RankTransport {
    /// This rank.
    public let rank: Int
    /// How many ranks there are.
    public var rankCount: Int { segment.layout.rankCount }

    /// How often a sleeping rank looks whether the others still live.
    public static let livenessInterval = Duration.nanoseconds(livenessNanoseconds)
    static let livenessNanoseconds = 100_000_000
    /// How long a launcher may take to say why a rank has ended, before the others say what they
    /// know themselves.
    public static let launcherHeadStart = Duration.seconds(1)

    struct Outgoing {
        /// What did not fit the ring at once, oldest first, per destination.
        var queues: [[FrameWriter]]
        var byteCounts: [Int]
        var failure: TransportError?
        var isClosed = false

        var isEmpty: Bool { queues.allSatisfy(\.isEmpty) }
    }

    let segment: SharedSegment
    let limits: TransportLimits
    let mailbox: Mailbox
    let outgoing: Monitor<Outgoing>
    let outgoingRings: [ByteRing]
    /// Threads of this transport that still run.
    let workers = Monitor(2)

    /// Joins the segment at `path` as one of its ranks.
    ///
    /// - Parameters:
    ///   - path: The segment's file.
    ///   - rank: Which rank this process is; each may join once.
    ///   - limits: The bounds of queues and messages, the same on all ranks.
    /// - Throws: ``TransportErrorCode/sharedMemory``, ``TransportErrorCode/invalidArgument`` or
    ///   ``TransportErrorCode/launchFailure``.
    public init(
        joining path: String,
        rank: Int,
        limits: TransportLimits = TransportLimits()
    ) throws(TransportError) {
        let segment = try SharedSegment.open(path)
        let rankCount = segment.layout.rankCount
        guard (0..<rankCount).contains(rank) else {
            throw TransportError(
                .invalidArgument,
                "rank is \(rank); segment \(path) has ranks 0..<\(rankCount)"
            )
        }
        try segment.lock(rank)
        segment.store(segment.processOffset(rank), UInt32(bitPattern: getpid()))
        segment.setState(rank, .joined)
        // The last one to come takes the name away: from here on no crash can leave a file.
        if segment.add(SegmentLayout.joinedOffset, 1) + 1 == rankCount { segment.unlink() }
        self.segment = segment
        self.rank = rank
        self.limits = limits
        mailbox = Mailbox(owner: rank, rankCount: rankCount, limits: limits)
        outgoing = Monitor(
            Outgoing(
                queues: Array(repeating: [], count: rankCount),
                byteCounts: Array(repeating: 0, count: rankCount)
            )
        )
        outgoingRings = (0..<rankCount).map { ByteRing(segment, from: rank, to: $0) }
        try RankThread.start(name: "sender of rank \(rank)") { [self] in sendLoop() }
        do throws(TransportError) {
            try RankThread.start(name: "receiver of rank \(rank)") { [self] in receiveLoop() }
        } catch {
            workers.update { $0 -= 1 }
            stop()
            throw error
        }
    }

    /// Queues a message; see ``RankTransport/send(_:to:tag:deadline:)``.
    ///
    /// What fits the ring is copied there at once; the rest follows in the background.
    public func send(
        _ message: Message,
        to destination: Int,
        tag: MessageTag,
        deadline: Deadline
    ) throws(TransportError) {
        try check(destination, "destination")
        try limits.check(message)
        if destination == rank {
            try mailbox.put(message, from: rank, tag: tag, deadline: deadline)
            return
        }
        let byteCount = message.byteCount
        let isQueued: Bool? = try outgoing.wait(until: deadline) {
            (state) throws(TransportError) in
            if let failure = state.failure { throw failure }
            let queued = state.byteCounts[destination]
            if queued > 0, queued + byteCount > limits.maximumQueuedByteCount { return nil }
            var frame = FrameWriter(message, tag: tag)
            let written =
                state.queues[destination].isEmpty
                ? frame.write(to: outgoingRings[destination]) : 0
            if written > 0 { segment.ring(segment.inboundBell(destination)) }
            if frame.isDone { return false }
            state.queues[destination].append(frame)
            state.byteCounts[destination] += byteCount
            return true
        }
        guard let isQueued else {
            throw TransportError(
                .timeout,
                "rank \(rank) waited \(deadline.allowed) to send \(byteCount) bytes with tag "
                    + "\(tag) to rank \(destination), which takes nothing (queue of "
                    + "\(limits.maximumQueuedByteCount) bytes is full)"
            )
        }
        if isQueued { segment.ring(segment.outboundBell(rank)) }
    }

    /// Waits for a message; see ``RankTransport/receive(from:tag:deadline:)``.
    public func receive(
        from source: Int,
        tag: MessageTag,
        deadline: Deadline
    ) throws(TransportError) -> Message {
        try check(source, "source")
        let taken = try mailbox.take(from: source, tag: tag, deadline: deadline)
        if taken.isRoomWanted {
            mailbox.announceRoom()
            segment.ring(segment.inboundBell(rank))
        }
        return taken.message
    }

    /// Makes every wait of every rank fail.
    public func abort(_ reason: String) {
        segment.publishAbort("rank \(rank) ended the group: \(reason)")
        fail(TransportError(.aborted, segment.abortReason ?? reason))
    }

    /// Sends what is queued and leaves the group in good order. To be called once, last.
    ///
    /// - Parameter deadline: How long to wait for others to take what is queued.
    /// - Throws: ``TransportErrorCode/timeout`` if they do not; the rank has left all the same.
    public func close(deadline: Deadline) throws(TransportError) {
        let isSent: Bool? = outgoing.wait(until: deadline) { state in
            state.isEmpty || state.failure != nil ? true : nil
        }
        segment.setState(rank, .finished)
        segment.ringAll()
        stop()
        guard isSent != nil else {
            throw TransportError(
                .timeout,
                "rank \(rank) waited \(deadline.allowed) for others to take its last messages"
            )
        }
    }

    /// Leaves as a process does that is killed: without a word.
    package func vanish() {
        stop()
        segment.unlock(rank)
    }

    /// Ends both threads and waits for them.
    private func stop() {
        outgoing.update { $0.isClosed = true }
        segment.ring(segment.inboundBell(rank))
        segment.ring(segment.outboundBell(rank))
        let _: Bool? = workers.wait(until: nil) { $0 == 0 ? true : nil }
    }

    func fail(_ error: TransportError) {
        // Sending first: whoever has been told while receiving finds sending closed as well.
        outgoing.update { $0.failure = $0.failure ?? error }
        mailbox.fail(error)
    }
}
