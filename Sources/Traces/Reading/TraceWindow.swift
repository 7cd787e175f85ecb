import InfraCore

/// The part of a trace's text that is in memory: a buffer that slides over the file.
///
/// A parser works inside it and asks for more when it meets the end; what it still needs is moved
/// to the front. The buffer grows only if one event does not fit.
final class TraceWindow {
    /// How many bytes are read at once. Fits in a second-level cache beside what parsing touches.
    static let readByteCount = 512 << 10
    /// The largest event or header value; beyond it the file is refused instead of the machine's
    /// memory.
    static let maximumByteCount = 64 << 20

    let source: TraceByteSource
    private var memory = AlignedBytes(byteCount: 2 * readByteCount)
    /// How many bytes of the buffer are valid.
    private(set) var count = 0
    /// Where in the text the buffer begins.
    private(set) var offset = 0

    init(source: TraceByteSource) { self.source = source }

    var base: UnsafeRawPointer { UnsafeRawPointer(memory.base) }

    /// Drops everything before `start` and appends what comes next in the file.
    ///
    /// - Returns: Whether there was more. In any case what was at `start` is now at 0.
    func refill(keepingFrom start: Int) throws(TraceError) -> Bool {
        let kept = count - start
        if kept > memory.byteCount - Self.readByteCount {
            guard memory.byteCount < Self.maximumByteCount else {
                throw TraceError(
                    .malformedFile,
                    "\(source.path): the value at byte \(offset + start) is longer than "
                        + "\(Self.maximumByteCount >> 20) MiB; expected its end before"
                )
            }
            let larger = AlignedBytes(byteCount: memory.byteCount * 2)
            larger.base.copyMemory(from: memory.base + start, byteCount: kept)
            memory = larger
        } else if start > 0 {
            memory.base.copyMemory(from: memory.base + start, byteCount: kept)
        }
        offset += start
        count = kept
        let space = UnsafeMutableRawBufferPointer(
            start: memory.base + count,
            count: min(memory.byteCount - count, Self.readByteCount)
        )
        let read = try source.read(into: space)
        count += read
        return read > 0
    }
}
