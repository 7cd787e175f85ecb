/// Where things lie in the memory that the processes of a group share.
///
/// | from byte | what |
/// |---|---|
/// | 0 | magic, version, ranks, ring size, launcher flag, joined count, abort state and text |
/// | 4096 | 256 bytes a rank: state, process id, two doorbells |
/// | after, on a page | rings, `[source][destination]`: 256 bytes of positions, then the data |
struct SegmentLayout: Equatable {
    var rankCount: Int
    /// The data bytes of each ring.
    var ringByteCount: Int

    static let magic: UInt32 = 0x4F49_5352
    static let version: UInt32 = 1
    static let headerByteCount = 4096

    // Offsets in the header.
    static let magicOffset = 0
    static let versionOffset = 4
    static let rankCountOffset = 8
    static let ringByteCountOffset = 12
    static let hasLauncherOffset = 16
    static let joinedOffset = 64
    static let abortClaimOffset = 128
    static let abortReadyOffset = 132
    static let abortByteCountOffset = 136
    static let abortTextOffset = 192
    static let abortTextByteCount = 2048

    // Offsets in a rank's block; each word that is waited for has a cache line of its own.
    static let rankBlockByteCount = 256
    static let stateOffset = 0
    static let processOffset = 4
    static let inboundBellOffset = 64
    static let outboundBellOffset = 128

    // Offsets in a ring's block.
    static let ringHeaderByteCount = 256
    static let readPositionOffset = 0
    static let writePositionOffset = 64
    static let writerWaitsOffset = 128

    /// All rings of a segment together take at most about this much...
    static let totalRingByteCount = 32 << 20
    /// ... but no ring is smaller or larger than this.
    static let ringByteCounts = 16 << 10...1 << 20

    /// A layout whose rings share the total.
    init(rankCount: Int) {
        self.rankCount = rankCount
        let share = Self.totalRingByteCount / (rankCount * rankCount)
        let clamped = min(
            max(share, Self.ringByteCounts.lowerBound),
            Self.ringByteCounts.upperBound
        )
        ringByteCount = clamped / 4096 * 4096
    }

    init(rankCount: Int, ringByteCount: Int) {
        self.rankCount = rankCount
        self.ringByteCount = ringByteCount
    }

    func rankBlock(_ rank: Int) -> Int {
        Self.headerByteCount + rank * Self.rankBlockByteCount
    }

    private var firstRing: Int { (rankBlock(rankCount) + 4095) / 4096 * 4096 }

    func ring(from source: Int, to destination: Int) -> Int {
        firstRing
            + (source * rankCount + destination) * (Self.ringHeaderByteCount + ringByteCount)
    }

    var byteCount: Int { ring(from: rankCount, to: 0) }
}

/// What a rank says of itself in its block.
enum SegmentRankState: UInt32 {
    case absent = 0
    case joined = 1
    case finished = 2
}
