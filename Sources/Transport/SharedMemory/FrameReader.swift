import InfraCore

/// Puts the messages of one ring together again, from pieces of any size.
struct FrameReader {
    private enum Part {
        /// Space, stream and counts.
        case prefix
        /// Payload sizes and the header.
        case front
        /// The payload with this index.
        case payload(Int)
    }

    private let source: Int
    private let limits: TransportLimits
    private var part = Part.prefix
    private var filled = 0
    private var front = [UInt8](repeating: 0, count: FrameWriter.prefixByteCount)
    private var tag = MessageTag(stream: 0)
    private var headerByteCount = 0
    private var blocks: [AlignedBytes] = []

    init(source: Int, limits: TransportLimits) {
        self.source = source
        self.limits = limits
    }

    /// Takes what the ring holds, up to the end of one message.
    ///
    /// - Returns: How many bytes were read, and the message if it is complete now.
    /// - Throws: ``TransportErrorCode/malformedMessage``.
    mutating func read(
        from ring: ByteRing
    ) throws(TransportError) -> (byteCount: Int, message: (MessageTag, Message)?) {
        var total = 0
        while true {
            let count: Int
            let wanted: Int
            switch part {
            case .prefix, .front:
                wanted = front.count
                count = front.withUnsafeMutableBytes {
                    ring.read(into: UnsafeMutableRawBufferPointer(rebasing: $0[filled...]))
                }
            case .payload(let index):
                let block = blocks[index]
                wanted = block.byteCount
                count = ring.read(
                    into: UnsafeMutableRawBufferPointer(
                        start: block.base + filled,
                        count: wanted - filled
                    )
                )
            }
            filled += count
            total += count
            if filled < wanted { return (total, nil) }
            if let message = try advance() { return (total, (tag, message)) }
        }
    }

    /// Goes on to the next part; returns the message after the last one.
    private mutating func advance() throws(TransportError) -> Message? {
        filled = 0
        switch part {
        case .prefix:
            tag = MessageTag(space: word(0), stream: word(8))
            headerByteCount = Int(UInt32(truncatingIfNeeded: word(16)))
            let payloadCount = Int(word(16) >> 32)
            guard headerByteCount <= TransportLimits.maximumHeaderByteCount,
                payloadCount <= TransportLimits.maximumPayloadCount
            else {
                throw malformed("\(payloadCount) payloads, header of \(headerByteCount) bytes")
            }
            front = Array(repeating: 0, count: payloadCount * 8 + headerByteCount)
            part = .front
            return nil
        case .front:
            let payloadCount = (front.count - headerByteCount) / 8
            var total = headerByteCount
            for index in 0..<payloadCount {
                guard let size = Int(exactly: word(index * 8)),
                    size <= limits.maximumMessageByteCount - total
                else { throw malformed("payload \(index) of \(word(index * 8)) bytes") }
                total += size
                blocks.append(AlignedBytes(byteCount: size, zeroed: false))
            }
            return nextPayload(0)
        case .payload(let index):
            return nextPayload(index + 1)
        }
    }

    private mutating func nextPayload(_ index: Int) -> Message? {
        guard index == blocks.count else {
            part = .payload(index)
            return nil
        }
        let message = Message(
            header: Array(front.suffix(headerByteCount)),
            payloads: blocks.map { MessagePayload(storage: $0) }
        )
        blocks = []
        front = Array(repeating: 0, count: FrameWriter.prefixByteCount)
        part = .prefix
        return message
    }

    private func word(_ offset: Int) -> UInt64 {
        front.withUnsafeBytes {
            UInt64(littleEndian: $0.loadUnaligned(fromByteOffset: offset, as: UInt64.self))
        }
    }

    private func malformed(_ what: String) -> TransportError {
        TransportError(
            .malformedMessage,
            "rank \(source) sent a frame that cannot be: \(what)"
        )
    }
}
