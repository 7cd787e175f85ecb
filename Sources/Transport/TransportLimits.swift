import InfraCore

/// The bounds of a transport. All are per pair of ranks.
public struct TransportLimits: Hashable, Sendable {
    /// How many bytes may wait between one sender and one receiver before `send` blocks. A
    /// single larger message passes when nothing else waits.
    public var maximumQueuedByteCount: Int
    /// The largest message.
    public var maximumMessageByteCount: Int

    /// Sets the bounds.
    public init(
        maximumQueuedByteCount: Int = 256 << 20,
        maximumMessageByteCount: Int = 4 << 30
    ) {
        precondition(maximumQueuedByteCount > 0 && maximumMessageByteCount > 0)
        self.maximumQueuedByteCount = maximumQueuedByteCount
        self.maximumMessageByteCount = maximumMessageByteCount
    }

    /// The most payloads of one message.
    public static let maximumPayloadCount = 1 << 16
    /// The largest header of one message.
    public static let maximumHeaderByteCount = 1 << 20

    /// Refuses a message that no receiver would accept.
    func check(_ message: Message) throws(TransportError) {
        guard message.byteCount <= maximumMessageByteCount,
            message.payloads.count <= Self.maximumPayloadCount,
            message.header.count <= Self.maximumHeaderByteCount
        else {
            throw TransportError(
                .invalidArgument,
                "message has \(message.byteCount) bytes in \(message.payloads.count) payloads and "
                    + "a header of \(message.header.count); allowed are "
                    + "\(maximumMessageByteCount), \(Self.maximumPayloadCount) and "
                    + "\(Self.maximumHeaderByteCount)"
            )
        }
    }
}
