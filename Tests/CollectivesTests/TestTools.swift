import InfraCore
import Synchronization
import Tensors
import Transport

/// A number that threads count up.
final class Counter: Sendable {
    private let state = Mutex(0)
    var value: Int { state.withLock(\.self) }
    func increment() { state.withLock { $0 += 1 } }
}

/// A transport that hands out a planted message.
final class TagProbe: RankTransport {
    private let inner: any RankTransport
    private let state = Mutex(Message())

    init(_ inner: any RankTransport) { self.inner = inner }

    var replacement: Message {
        get { state.withLock(\.self) }
        set { state.withLock { $0 = newValue } }
    }

    var rank: Int { inner.rank }
    var rankCount: Int { inner.rankCount }
    func send(
        _ message: Message,
        to destination: Int,
        tag: MessageTag,
        deadline: Deadline
    ) throws(TransportError) {
        try inner.send(message, to: destination, tag: tag, deadline: deadline)
    }
    func receive(
        from source: Int,
        tag: MessageTag,
        deadline: Deadline
    ) throws(TransportError) -> Message { replacement }
    func abort(_ reason: String) { inner.abort(reason) }
}

extension AlignedBytes {
    /// A block that holds one value.
    convenience init(_ value: UInt16) {
        self.init(byteCount: 2)
        base.storeBytes(of: value, as: UInt16.self)
    }
}
