import CLinux

/// A queue of bytes between one writing and one reading process.
///
/// Positions only grow; a byte's place is its position modulo the capacity.
struct ByteRing: @unchecked Sendable {
    // @unchecked: the writing side is used under the sender's lock only, the reading side by the
    // receiver's thread only; both keep the segment alive.
    private let readPosition: UnsafeMutablePointer<UInt64>
    private let writePosition: UnsafeMutablePointer<UInt64>
    private let writerWaits: UnsafeMutablePointer<UInt32>
    private let data: UnsafeMutableRawPointer
    private let capacity: Int

    init(_ segment: SharedSegment, from source: Int, to destination: Int) {
        let start = segment.base + segment.layout.ring(from: source, to: destination)
        readPosition = (start + SegmentLayout.readPositionOffset)
            .assumingMemoryBound(to: UInt64.self)
        writePosition = (start + SegmentLayout.writePositionOffset)
            .assumingMemoryBound(to: UInt64.self)
        writerWaits = (start + SegmentLayout.writerWaitsOffset)
            .assumingMemoryBound(to: UInt32.self)
        data = start + SegmentLayout.ringHeaderByteCount
        capacity = segment.layout.ringByteCount
    }

    /// Copies as many bytes in as there is room for.
    ///
    /// - Returns: How many.
    func write(_ bytes: UnsafeRawBufferPointer) -> Int {
        let position = oi_atomic_load_u64(writePosition)
        let used = Int(position &- oi_atomic_load_u64(readPosition))
        // A peer that scribbled over the positions must not make this write outside.
        let count = min(bytes.count, max(0, capacity - used))
        guard count > 0, let source = bytes.baseAddress else { return 0 }
        let place = Int(position % UInt64(capacity))
        let first = min(count, capacity - place)
        (data + place).copyMemory(from: source, byteCount: first)
        data.copyMemory(from: source + first, byteCount: count - first)
        oi_atomic_store_u64(writePosition, position &+ UInt64(count))
        return count
    }

    /// Copies as many bytes out as there are.
    ///
    /// - Returns: How many.
    func read(into target: UnsafeMutableRawBufferPointer) -> Int {
        let position = oi_atomic_load_u64(readPosition)
        let available = Int(clamping: oi_atomic_load_u64(writePosition) &- position)
        let count = min(target.count, min(available, capacity))
        guard count > 0, let start = target.baseAddress else { return 0 }
        let place = Int(position % UInt64(capacity))
        let first = min(count, capacity - place)
        start.copyMemory(from: data + place, byteCount: first)
        (start + first).copyMemory(from: data, byteCount: count - first)
        oi_atomic_store_u64(readPosition, position &+ UInt64(count))
        return count
    }

    /// The writer asks to be told when there is room again.
    func askForRoom() { oi_atomic_store_u32(writerWaits, 1) }

    /// The reader learns, once, that it was asked.
    func takeRequestForRoom() -> Bool {
        guard oi_atomic_load_u32(writerWaits) == 1 else { return false }
        oi_atomic_store_u32(writerWaits, 0)
        return true
    }
}
