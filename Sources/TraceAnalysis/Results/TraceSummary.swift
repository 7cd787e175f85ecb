/// What a trace tells about computing, communication and their overlap.
public struct TraceSummary: Sendable {
    /// Where the trace came from; empty for one in memory.
    public var source: String
    /// How many entries it has.
    public var eventCount: Int
    /// How many bytes of text it is, decompressed; 0 for one in memory.
    public var byteCount: Int
    /// Its ranks: devices, or threads if no device appears.
    public var ranks: [RankSummary]

    /// The figures of all ranks together: sums, so that shares are those of the mean rank.
    public var figures: OverlapFigures {
        ranks.reduce(into: OverlapFigures()) { $0 += $1.figures }
    }
}
