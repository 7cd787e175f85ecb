/// How a window of time was used, in microseconds.
///
/// Busy is the length of a union of intervals, so what runs side by side counts once. On several
/// ranks together, each figure is the sum of the ranks' figures.
public struct OverlapFigures: Hashable, Sendable {
    /// From the first start to the last end.
    public var window = 0.0
    /// While something computed.
    public var compute = 0.0
    /// While something communicated.
    public var communication = 0.0
    /// While both did.
    public var overlap = 0.0
    /// While anything ran at all, copies included.
    public var busy = 0.0

    /// Creates figures of nothing.
    public init() {}

    /// While something communicated and nothing computed.
    public var exposedCommunication: Double { communication - overlap }
    /// While nothing ran.
    public var idle: Double { window - busy }
    /// The part of communication that computing hides, 0 to 1; `nil` without communication.
    public var hiddenShare: Double? { communication > 0 ? overlap / communication : nil }

    /// Adds another rank's figures.
    public static func += (sum: inout OverlapFigures, other: OverlapFigures) {
        sum.window += other.window
        sum.compute += other.compute
        sum.communication += other.communication
        sum.overlap += other.overlap
        sum.busy += other.busy
    }
}
