import CCUDA
public import InfraCore

/// Bytes on a GPU that somebody else owns: what copies and fills work on.
///
/// It keeps the context alive, not the memory: the owner must outlive the work submitted on it.
public struct DeviceRange: Sendable {
    /// The context the memory belongs to.
    public let context: CUDAContext
    /// The first byte.
    public let address: UInt64
    /// The length.
    public let byteCount: Int

    /// Names memory by its address.
    ///
    /// - Parameters:
    ///   - context: The context the memory belongs to.
    ///   - address: The first byte.
    ///   - byteCount: The length.
    public init(context: CUDAContext, address: UInt64, byteCount: Int) {
        self.context = context
        self.address = address
        self.byteCount = byteCount
    }

    /// Sets each byte to `value` once the stream gets there.
    ///
    /// - Throws: ``CUDAErrorCode/callFailed``.
    public func fill(_ value: UInt8, on stream: borrowing CUDAStream) throws(CUDAError) {
        if byteCount == 0 { return }
        try context.makeCurrent()
        try context.driver.check(
            context.driver.api.memsetD8Async(address, value, byteCount, stream.handle),
            "cuMemsetD8Async",
            "address: \(address), value: \(value), byteCount: \(byteCount)"
        )
    }

    /// Copies all of `source`, on this GPU or a peer, once the stream gets there.
    ///
    /// - Throws: ``CUDAErrorCode/invalidArgument`` unless the lengths are equal.
    public func copy(
        from source: DeviceRange,
        on stream: borrowing CUDAStream
    ) throws(CUDAError) {
        try requireLength(source.byteCount, of: "the source")
        if byteCount == 0 { return }
        try context.makeCurrent()
        try context.driver.check(
            context.driver.api.memcpyDtoDAsync(address, source.address, byteCount, stream.handle),
            "cuMemcpyDtoDAsync",
            "destination: \(address), source: \(source.address), byteCount: \(byteCount)"
        )
    }

    /// Copies host memory here. Returns when the host memory may be changed again.
    ///
    /// - Parameters:
    ///   - bytes: As many bytes as this range holds.
    ///   - stream: Earlier work in it comes first.
    ///   - deadline: When to give up waiting for that work.
    /// - Throws: ``CUDAErrorCode/invalidArgument`` unless the lengths are equal.
    public func upload(
        _ bytes: UnsafeRawBufferPointer,
        on stream: borrowing CUDAStream,
        until deadline: Deadline = Deadline(after: CUDAStream.defaultWait)
    ) throws(CUDAError) {
        try requireLength(bytes.count, of: "the host memory")
        if byteCount == 0 { return }
        try context.makeCurrent()
        let status = context.driver.api.memcpyHtoDAsync(
            address,
            bytes.baseAddress,
            byteCount,
            stream.handle
        )
        try context.driver.check(
            status,
            "cuMemcpyHtoDAsync",
            "destination: \(address), byteCount: \(byteCount)"
        )
        try stream.synchronize(until: deadline)
    }

    /// Copies this range to host memory. Returns when the bytes have arrived.
    ///
    /// - Parameters:
    ///   - bytes: Room for as many bytes as this range holds.
    ///   - stream: Earlier work in it comes first.
    ///   - deadline: When to give up waiting for that work.
    /// - Throws: ``CUDAErrorCode/invalidArgument`` unless the lengths are equal.
    public func download(
        to bytes: UnsafeMutableRawBufferPointer,
        on stream: borrowing CUDAStream,
        until deadline: Deadline = Deadline(after: CUDAStream.defaultWait)
    ) throws(CUDAError) {
        try requireLength(bytes.count, of: "the host memory")
        if byteCount == 0 { return }
        try context.makeCurrent()
        let status = context.driver.api.memcpyDtoHAsync(
            bytes.baseAddress,
            address,
            byteCount,
            stream.handle
        )
        try context.driver.check(
            status,
            "cuMemcpyDtoHAsync",
            "source: \(address), byteCount: \(byteCount)"
        )
        try stream.synchronize(until: deadline)
    }

    /// Copies pinned host memory here without waiting: the pinned buffer must stay unchanged until
    /// the stream has passed the copy.
    ///
    /// - Throws: ``CUDAErrorCode/invalidArgument`` unless the lengths are equal.
    public func enqueueUpload(
        of pinned: borrowing PinnedBuffer,
        on stream: borrowing CUDAStream
    ) throws(CUDAError) {
        try requireLength(pinned.byteCount, of: "the pinned buffer")
        if byteCount == 0 { return }
        try context.makeCurrent()
        try context.driver.check(
            context.driver.api.memcpyHtoDAsync(address, pinned.base, byteCount, stream.handle),
            "cuMemcpyHtoDAsync",
            "destination: \(address), byteCount: \(byteCount)"
        )
    }

    /// Copies this range to pinned host memory without waiting: the bytes may be read once the
    /// stream has passed the copy.
    ///
    /// - Throws: ``CUDAErrorCode/invalidArgument`` unless the lengths are equal.
    public func enqueueDownload(
        to pinned: borrowing PinnedBuffer,
        on stream: borrowing CUDAStream
    ) throws(CUDAError) {
        try requireLength(pinned.byteCount, of: "the pinned buffer")
        if byteCount == 0 { return }
        try context.makeCurrent()
        try context.driver.check(
            context.driver.api.memcpyDtoHAsync(pinned.base, address, byteCount, stream.handle),
            "cuMemcpyDtoHAsync",
            "source: \(address), byteCount: \(byteCount)"
        )
    }

    private func requireLength(_ count: Int, of other: String) throws(CUDAError) {
        guard count == byteCount else {
            throw CUDAError(
                .invalidArgument,
                "\(other) has \(count) bytes; the device range has \(byteCount), and they must agree"
            )
        }
    }
}
