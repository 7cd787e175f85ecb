/// A point in time by which a wait must end. Every wait in OpenInfra has one.
public struct Deadline: Sendable, Equatable {
    private let instant: ContinuousClock.Instant
    /// The span that was allowed, for error messages.
    public let allowed: Duration

    /// A deadline `duration` from now.
    public init(after duration: Duration) {
        instant = .now + duration
        allowed = duration
    }

    /// What is left; zero once the deadline has passed.
    public var remaining: Duration { max(.zero, instant - .now) }

    /// What is left in nanoseconds; zero once the deadline has passed.
    public var remainingNanoseconds: UInt64 {
        let (seconds, attoseconds) = remaining.components
        return UInt64(seconds) &* 1_000_000_000 &+ UInt64(attoseconds / 1_000_000_000)
    }

    /// Whether the deadline has passed.
    public var hasPassed: Bool { instant <= .now }
}
