#if canImport(Glibc)
    import Glibc
#endif

/// Where a recorder takes its time from.
public struct TraceClock: Sendable {
    private let read: @Sendable () -> UInt64

    /// Uses a function that returns nanoseconds and never goes back.
    public init(nanoseconds: @escaping @Sendable () -> UInt64) { read = nanoseconds }

    /// Nanoseconds since some fixed moment.
    public var nanoseconds: UInt64 { read() }

    /// The machine's monotonic clock. Processes of one machine share it, so that their traces
    /// can be laid side by side.
    public static let monotonic = TraceClock {
        var time = timespec()
        clock_gettime(CLOCK_MONOTONIC, &time)
        return UInt64(time.tv_sec) * 1_000_000_000 + UInt64(time.tv_nsec)
    }
}
