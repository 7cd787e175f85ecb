import CZlib
import InfraCore

/// Decompresses a gzip file of one or more members, with bounded memory.
final class GzipInflater {
    private static let inputCapacity = 256 << 10

    private let path: String
    private let zlib: Zlib
    private let stream: UnsafeMutablePointer<oi_z_stream>
    private let input = AlignedBytes(byteCount: inputCapacity)
    /// How many bytes of the file were handed to zlib so far.
    private var fileOffset: Int
    /// Whether the last member is complete: only then may the file end.
    private var isBetweenMembers = false

    /// Starts decompression.
    ///
    /// - Parameters:
    ///   - path: Named in errors.
    ///   - head: The first bytes of the file, already read.
    init(path: String, head: [UInt8]) throws(TraceError) {
        self.path = path
        zlib = try Zlib()
        stream = .allocate(capacity: 1)
        stream.initialize(to: oi_z_stream())
        fileOffset = head.count
        let code = zlib.api.inflateInit2(
            stream,
            Int32(OI_Z_GZIP_WINDOW_BITS),
            OI_ZLIB_VERSION,
            Int32(MemoryLayout<oi_z_stream>.size)
        )
        guard code == OI_Z_OK else {
            throw TraceError(.zlibMissing, "zlib refused to start (code \(code))")
        }
        input.base.copyMemory(from: head, byteCount: head.count)
        stream.pointee.next_in = UnsafePointer(input.base.assumingMemoryBound(to: UInt8.self))
        stream.pointee.avail_in = UInt32(head.count)
    }

    deinit {
        _ = zlib.api.inflateEnd(stream)
        stream.deallocate()
    }

    /// Decompresses the next bytes.
    ///
    /// - Parameters:
    ///   - target: Receives them; not empty.
    ///   - refill: Reads compressed bytes; returns 0 at the end of the file.
    /// - Returns: How many bytes were decompressed; 0 at the end.
    func read(
        into target: UnsafeMutableRawBufferPointer,
        refill: (UnsafeMutableRawBufferPointer) throws(TraceError) -> Int
    ) throws(TraceError) -> Int {
        let capacity = min(target.count, 1 << 30)
        stream.pointee.next_out = target.baseAddress?.assumingMemoryBound(to: UInt8.self)
        stream.pointee.avail_out = UInt32(capacity)
        while true {
            if stream.pointee.avail_in == 0 {
                let count = try refill(
                    UnsafeMutableRawBufferPointer(start: input.base, count: Self.inputCapacity)
                )
                if count == 0 {
                    if isBetweenMembers { return 0 }
                    throw TraceError(
                        .truncatedFile,
                        "\(path) ends at byte \(fileOffset) of the compressed file; expected more "
                            + "gzip data"
                    )
                }
                fileOffset += count
                stream.pointee.next_in = UnsafePointer(
                    input.base.assumingMemoryBound(to: UInt8.self)
                )
                stream.pointee.avail_in = UInt32(count)
            }
            if isBetweenMembers {
                _ = zlib.api.inflateReset(stream)
                isBetweenMembers = false
            }
            let code = zlib.api.inflate(stream, Int32(OI_Z_NO_FLUSH))
            isBetweenMembers = code == OI_Z_STREAM_END
            let count = capacity - Int(stream.pointee.avail_out)
            guard code == OI_Z_OK || code == OI_Z_STREAM_END || code == OI_Z_BUF_ERROR else {
                let reason = stream.pointee.msg.map { String(cString: $0) } ?? "code \(code)"
                throw TraceError(
                    .malformedFile,
                    "\(path) is damaged at byte \(fileOffset - Int(stream.pointee.avail_in)) of "
                        + "the compressed file: \(reason)"
                )
            }
            if count > 0 { return count }
        }
    }
}
