import InfraCore

#if canImport(Glibc)
    import Glibc
#endif

/// The text of a trace file, piece by piece: as it lies on disk, or decompressed on the way.
///
/// What the file holds is seen from its first two bytes, not from its name. Pipes work too, since
/// nothing is read twice. Not thread-safe.
final class TraceByteSource {
    let path: String
    private let descriptor: Int32
    private let inflater: GzipInflater?
    /// What was read to look at the first bytes and was not handed out yet.
    private var head: [UInt8]

    /// Opens a file.
    ///
    /// - Throws: ``TraceErrorCode/fileFailure``; ``TraceErrorCode/zlibMissing`` if it is compressed
    ///   and no zlib is there.
    init(path: String) throws(TraceError) {
        self.path = path
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else {
            throw TraceError(
                .fileFailure,
                "cannot open trace file \(path): \(String(cString: strerror(errno)))"
            )
        }
        do throws(TraceError) {
            let first = AlignedBytes(byteCount: 2)
            var count = 0
            while count < 2 {
                let rest = UnsafeMutableRawBufferPointer(
                    start: first.base + count,
                    count: 2 - count
                )
                let read = try Self.read(descriptor, into: rest, path)
                if read == 0 { break }
                count += read
            }
            let head = Array(first.bytes.prefix(count))
            if head == [0x1f, 0x8b] {
                inflater = try GzipInflater(path: path, head: head)
                self.head = []
            } else {
                inflater = nil
                self.head = head
            }
        } catch {
            close(descriptor)
            throw error
        }
        self.descriptor = descriptor
    }

    deinit { close(descriptor) }

    /// Whether the text is decompressed: byte offsets are then those of the text, not of the file.
    var isCompressed: Bool { inflater != nil }

    /// Fills a part of `target` with the next bytes of the text.
    ///
    /// - Returns: How many; 0 at the end.
    func read(into target: UnsafeMutableRawBufferPointer) throws(TraceError) -> Int {
        if let inflater {
            return try inflater.read(into: target) { buffer throws(TraceError) in
                try Self.read(descriptor, into: buffer, path)
            }
        }
        if !head.isEmpty {
            let count = min(head.count, target.count)
            target.copyBytes(from: head[..<count])
            head.removeFirst(count)
            return count
        }
        return try Self.read(descriptor, into: target, path)
    }

    private static func read(
        _ descriptor: Int32,
        into target: UnsafeMutableRawBufferPointer,
        _ path: String
    ) throws(TraceError) -> Int {
        while true {
            let count = Glibc.read(descriptor, target.baseAddress, target.count)
            if count >= 0 { return count }
            guard errno == EINTR else {
                throw TraceError(
                    .fileFailure,
                    "cannot read trace file \(path): \(String(cString: strerror(errno)))"
                )
            }
        }
    }
}
