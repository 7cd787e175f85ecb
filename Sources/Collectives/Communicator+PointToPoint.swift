import InfraCore
public import Tensors
import Transport

extension Communicator {
    /// Streams from here on are used by the collectives.
    public static let firstReservedStream: UInt64 = 1 << 63

    /// Queues a list of tensors for another rank and returns.
    ///
    /// Shapes and dtypes travel along, absent tensors and empty lists too. Within a process the
    /// receiver shares the memory; writing to a tensor afterwards copies it first.
    ///
    /// - Parameters:
    ///   - tensors: What to send; views are made contiguous.
    ///   - destination: A rank of this group.
    ///   - stream: The conversation, below ``firstReservedStream``; lists of one stream arrive
    ///     in order.
    /// - Throws: `TransportError` or `CollectiveError`.
    public func send(_ tensors: [HostTensor?], to destination: Int, stream: UInt64) throws {
        try check(destination, "destination")
        try transport.send(
            try TensorMessage.encode(tensors),
            to: worldRanks[destination],
            tag: MessageTag(space: space, stream: stream),
            deadline: Deadline(after: timeout)
        )
    }

    /// Waits for a list of tensors from another rank.
    ///
    /// - Parameters:
    ///   - source: A rank of this group.
    ///   - stream: The conversation.
    /// - Returns: The tensors as they were sent.
    /// - Throws: `TransportError` (above all at the deadline) or `CollectiveError`.
    public func receive(from source: Int, stream: UInt64) throws -> [HostTensor?] {
        try check(source, "source")
        let message = try transport.receive(
            from: worldRanks[source],
            tag: MessageTag(space: space, stream: stream),
            deadline: Deadline(after: timeout)
        )
        return try TensorMessage.decode(message)
    }

    /// Refuses a rank outside the group.
    func check(_ peer: Int, _ role: String) throws(CollectiveError) {
        guard (0..<rankCount).contains(peer) else {
            throw CollectiveError(
                .invalidRanks,
                "\(role) is \(peer); the group has ranks 0..<\(rankCount)"
            )
        }
    }

    /// As ``receive(from:stream:)``, for lists whose tensors must all be there.
    func receivePresent(from source: Int, stream: UInt64) throws -> [HostTensor] {
        let tensors = try receive(from: source, stream: stream)
        let present = tensors.compactMap(\.self)
        guard present.count == tensors.count else {
            throw CollectiveError(.malformedMessage, "rank \(source) left tensors of a list out")
        }
        return present
    }
}

/// The streams of the collectives, one each, so that a call cannot take another's messages.
enum CollectiveStream {
    static let allGather = Communicator.firstReservedStream
    static let scatter = allGather + 1
    static let gather = allGather + 2
    static let broadcast = allGather + 3
    static let allToAll = allGather + 4
    static let barrier = allGather + 5
}
