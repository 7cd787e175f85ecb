/// What a message belongs to. A receiver asks for one source and one tag; messages of the same
/// source and tag arrive in the order they were sent, and others never get in between.
public struct MessageTag: Hashable, Sendable {
    /// The group of ranks that is talking, such as one communicator.
    public let space: UInt64
    /// The conversation within the group, such as one edge of a pipeline.
    public let stream: UInt64

    /// Names a conversation.
    public init(space: UInt64 = 0, stream: UInt64) {
        self.space = space
        self.stream = stream
    }
}

extension MessageTag: CustomStringConvertible {
    /// Stream and space, as error messages show them.
    public var description: String {
        "\(stream) of space \(String(space, radix: 16))"
    }
}
