import CCUDA
public import InfraCore

/// Host memory that the GPU copies from and to without a stop in between; freed with the value.
public struct PinnedBuffer: ~Copyable, @unchecked Sendable {
    // @unchecked: the memory has one owner.

    /// The context it was allocated through; every context may use it.
    public let context: CUDAContext
    /// The first byte; `nil` if the buffer is empty.
    public let base: UnsafeMutableRawPointer?
    /// The size.
    public let byteCount: Int

    /// Allocates pinned memory whose content is undefined.
    ///
    /// - Parameters:
    ///   - context: The context.
    ///   - byteCount: The size; zero allocates nothing.
    /// - Throws: ``CUDAErrorCode/outOfMemory``.
    public init(_ context: CUDAContext, byteCount: Int) throws(CUDAError) {
        guard byteCount >= 0 else {
            throw CUDAError(.invalidArgument, "byteCount is \(byteCount); it must not be negative")
        }
        var base: UnsafeMutableRawPointer?
        if byteCount > 0 {
            try context.makeCurrent()
            let flags = UInt32(OI_CU_MEM_HOST_ALLOC_PORTABLE)
            try context.driver.check(
                context.driver.api.memHostAlloc(&base, byteCount, flags),
                "cuMemHostAlloc",
                "byteCount: \(byteCount)"
            ) { "the host cannot pin \(byteCount) bytes" }
        }
        self.context = context
        self.base = base
        self.byteCount = byteCount
    }

    deinit {
        guard let base, (try? context.makeCurrent()) != nil else { return }
        _ = context.driver.api.memFreeHost(base)
    }

    /// Lends the memory for reading and writing.
    ///
    /// - Parameter body: Receives all bytes; the pointer must not escape.
    public func withUnsafeMutableBytes<Result: ~Copyable, Failure: Error>(
        _ body: (UnsafeMutableRawBufferPointer) throws(Failure) -> Result
    ) throws(Failure) -> Result {
        try body(UnsafeMutableRawBufferPointer(start: base, count: byteCount))
    }
}
