public import InfraCore

/// A block of bytes within a message, shared with whoever made it: nobody may write to it.
public struct MessagePayload: Sendable {
    /// The memory.
    public let storage: AlignedBytes
    /// Where the bytes start.
    public let byteOffset: Int
    /// How many there are.
    public let byteCount: Int

    /// Refers to a part of `storage`; leaving it is a caller's bug.
    public init(storage: AlignedBytes, byteOffset: Int = 0, byteCount: Int? = nil) {
        let count = byteCount ?? storage.byteCount - byteOffset
        precondition(
            byteOffset >= 0 && count >= 0 && byteOffset + count <= storage.byteCount,
            "payload of \(count) bytes at \(byteOffset) leaves a block of \(storage.byteCount)"
        )
        self.storage = storage
        self.byteOffset = byteOffset
        self.byteCount = count
    }

    /// The bytes, for reading.
    public var bytes: UnsafeRawBufferPointer {
        UnsafeRawBufferPointer(start: storage.base + byteOffset, count: byteCount)
    }
}

/// What one rank sends to another: a few bytes of header, and payloads that are not copied
/// between threads of one process.
public struct Message: Sendable {
    /// Small, copied by value: what the payloads are.
    public var header: [UInt8]
    /// Large, passed by reference within a process.
    public var payloads: [MessagePayload]

    /// Puts a message together.
    public init(header: [UInt8] = [], payloads: [MessagePayload] = []) {
        self.header = header
        self.payloads = payloads
    }

    /// The bytes of header and payloads, which queue limits count.
    public var byteCount: Int { payloads.reduce(header.count) { $0 + $1.byteCount } }
}
