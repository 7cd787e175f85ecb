/// What a span of time counts as.
public enum SpanRole: String, Hashable, Sendable, Codable, CaseIterable {
    /// Work on data that is there.
    case compute
    /// Moving data between ranks, or waiting for it.
    case communication
    /// Copies and fills on the device: busy, but neither of the two above.
    case memory
    /// Left out of every figure.
    case ignored
}
