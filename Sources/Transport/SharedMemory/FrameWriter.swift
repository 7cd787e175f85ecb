/// One message on its way into a ring, in as many pieces as the ring's room demands.
///
/// A frame is 24 bytes (space, stream, header size, payload count), 8 bytes a payload with its
/// size, the header, and the payloads.
struct FrameWriter {
    static let prefixByteCount = 24

    private let front: [UInt8]
    private let payloads: [MessagePayload]
    /// 0 is the front, `k` the payload `k - 1`.
    private var part = 0
    private var offset = 0
    /// What the message counts against queue limits.
    let byteCount: Int

    init(_ message: Message, tag: MessageTag) {
        byteCount = message.byteCount
        payloads = message.payloads
        var front: [UInt8] = []
        front.reserveCapacity(
            Self.prefixByteCount + 8 * message.payloads.count + message.header.count
        )
        func append<Value: FixedWidthInteger>(_ value: Value) {
            withUnsafeBytes(of: value.littleEndian) { front.append(contentsOf: $0) }
        }
        append(tag.space)
        append(tag.stream)
        append(UInt32(message.header.count))
        append(UInt32(message.payloads.count))
        for payload in message.payloads { append(UInt64(payload.byteCount)) }
        front.append(contentsOf: message.header)
        self.front = front
    }

    /// Whether everything has been written.
    var isDone: Bool { part > payloads.count }

    /// Writes as much as fits.
    ///
    /// - Returns: How many bytes were written.
    mutating func write(to ring: ByteRing) -> Int {
        var total = 0
        while !isDone {
            let size: Int
            let written: Int
            if part == 0 {
                size = front.count
                written = front.withUnsafeBytes {
                    ring.write(UnsafeRawBufferPointer(rebasing: $0[offset...]))
                }
            } else {
                let payload = payloads[part - 1]
                size = payload.byteCount
                written = ring.write(UnsafeRawBufferPointer(rebasing: payload.bytes[offset...]))
            }
            offset += written
            total += written
            guard offset == size else { break }
            part += 1
            offset = 0
        }
        return total
    }
}
