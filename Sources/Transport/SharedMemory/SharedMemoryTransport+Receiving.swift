import InfraCore

/// The thread that collects what arrives and watches over the other ranks.
extension SharedMemoryTransport {
    /// Collects what arrives, and watches over the others.
    func receiveLoop() {
        var sources = (0..<rankCount).filter { $0 != rank }.map { source in
            Inbound(
                rank: source,
                ring: ByteRing(segment, from: source, to: rank),
                reader: FrameReader(source: source, limits: limits)
            )
        }
        let bell = segment.inboundBell(rank)
        var nextCheck = Deadline(after: Self.livenessInterval)
        while !outgoing.withLock({ $0.isClosed }) {
            let seen = segment.load(bell)
            var hasProgressed = false
            for index in sources.indices {
                do throws(TransportError) {
                    if try drain(&sources[index]) { hasProgressed = true }
                } catch {
                    sources[index].isBroken = true
                    abort(error.message)
                }
            }
            if let reason = segment.abortReason { fail(TransportError(.aborted, reason)) }
            if nextCheck.hasPassed {
                checkLauncher()
                for index in sources.indices { checkLiveness(&sources[index]) }
                nextCheck = Deadline(after: Self.livenessInterval)
            }
            if hasProgressed { continue }
            segment.sleep(bell, seen: seen, nanoseconds: UInt64(Self.livenessNanoseconds))
        }
        workers.update { $0 -= 1 }
    }

    /// One rank that sends to this one.
    private struct Inbound {
        let rank: Int
        let ring: ByteRing
        var reader: FrameReader
        var isFinished = false
        /// Whether it sent something that cannot be understood; nothing more is read from it.
        var isBroken = false
        /// By when the launcher should have told why the rank has ended; `nil` while it lives.
        var launcherDeadline: Deadline?
    }

    /// Takes what one rank has written, as far as the mailbox has room.
    private func drain(_ source: inout Inbound) throws(TransportError) -> Bool {
        // Read before the ring: what a finished rank has written is then all there.
        let isLeaving = segment.state(source.rank) == .finished
        var hasProgressed = false
        while !source.isBroken, mailbox.hasRoom(for: source.rank) {
            let (byteCount, message) = try source.reader.read(from: source.ring)
            if byteCount > 0 {
                hasProgressed = true
                if source.ring.takeRequestForRoom() {
                    segment.ring(segment.outboundBell(source.rank))
                }
            }
            guard let (tag, content) = message else {
                if byteCount == 0, isLeaving, !source.isFinished {
                    source.isFinished = true
                    mailbox.finish(source.rank)
                }
                break
            }
            mailbox.add(content, from: source.rank, tag: tag)
        }
        return hasProgressed
    }

    private var hasLauncher: Bool { segment.load(SegmentLayout.hasLauncherOffset) == 1 }

    /// Ends the group if the process that started the ranks has ended.
    private func checkLauncher() {
        if hasLauncher, !segment.isLockedElsewhere(rankCount) {
            lose("the process that started the ranks has ended")
        }
    }

    /// Ends the group if a rank has ended without a word.
    private func checkLiveness(_ source: inout Inbound) {
        // The state is read before and after: the rank may be about to join, or just finishing.
        let peer = source.rank
        guard segment.state(peer) == .joined, !segment.isLockedElsewhere(peer),
            segment.state(peer) == .joined
        else { return }
        // A launcher learns of it at the same moment, and knows the signal.
        let wait = hasLauncher ? Self.launcherHeadStart : .zero
        let deadline = source.launcherDeadline ?? Deadline(after: wait)
        source.launcherDeadline = deadline
        guard deadline.hasPassed else { return }
        let process = segment.load(segment.processOffset(peer))
        lose("rank \(peer) (process \(process)) has ended without finishing")
    }

    private func lose(_ reason: String) {
        guard segment.abortReason == nil else { return }
        segment.publishAbort(reason)
        fail(TransportError(.peerLost, segment.abortReason ?? reason))
    }
}
