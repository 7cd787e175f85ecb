/// Why a lane stood still between two pieces of work, in microseconds.
///
/// The definitions are those of Meta's Holistic Trace Analysis: a gap is *host wait* if the next
/// piece was launched after the last one had ended; else *kernel wait* if it is shorter than 30
/// microseconds, the cost of starting one piece after another; else *other*, mostly a wait for
/// another stream.
public struct IdleSplit: Hashable, Sendable, Encodable {
    /// The device had nothing to do yet.
    public var host = 0.0
    /// Short gaps between pieces that were launched in time.
    public var kernel = 0.0
    /// Everything else.
    public var other = 0.0

    /// Gaps shorter than this, in nanoseconds, are the price of consecutive pieces.
    static let kernelGapNanoseconds: Int64 = 30_000

    /// Creates a split of nothing.
    public init() {}

    /// All gaps together.
    public var total: Double { host + kernel + other }

    /// Adds another lane's gaps.
    public static func += (sum: inout IdleSplit, other: IdleSplit) {
        sum.host += other.host
        sum.kernel += other.kernel
        sum.other += other.other
    }

    private enum CodingKeys: String, CodingKey {
        case host = "host_wait_us"
        case kernel = "kernel_wait_us"
        case other = "other_us"
    }
}
