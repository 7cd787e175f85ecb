import InfraCore

/// A segment as its creator holds it: for groups that are started without ``ProcessGroup``, and for
/// tests of ranks that share one process.
package final class SegmentOwner: Sendable {
    private let segment: SharedSegment
    /// The file that ranks join.
    package var path: String { segment.path }

    package init(
        rankCount: Int,
        ringByteCount: Int? = nil,
        hasLauncher: Bool = false
    ) throws(TransportError) {
        let layout =
            ringByteCount.map { SegmentLayout(rankCount: rankCount, ringByteCount: $0) }
            ?? SegmentLayout(rankCount: rankCount)
        segment = try SharedSegment.create(layout: layout, hasLauncher: hasLauncher)
    }

    deinit { segment.unlink() }

    /// Gives up the launcher's lock, as the kernel does when the launcher dies.
    package func vanish() { segment.unlock(segment.layout.rankCount) }

    /// Overwrites what rank `source` has written for rank `destination` next, as a broken peer may.
    package func scribble(from source: Int, to destination: Int, _ bytes: [UInt8]) {
        let ring = ByteRing(segment, from: source, to: destination)
        _ = bytes.withUnsafeBytes { ring.write($0) }
        segment.ring(segment.inboundBell(destination))
    }
}
