import CCUDA
public import InfraCore

#if canImport(Glibc)
    import Glibc
#endif

/// A queue of work on one GPU, executed in order.
///
/// It owns the driver's stream: destroyed with the value, or by ``close()`` if errors matter. Work
/// that was submitted still completes.
public struct CUDAStream: ~Copyable, @unchecked Sendable {
    // @unchecked: the driver accepts a stream from any thread.

    /// The context whose memory the work may use.
    public let context: CUDAContext
    private var owned: OpaquePointer?

    /// How long a wait lasts at most if the caller names no deadline.
    public static let defaultWait = Duration.seconds(300)

    /// Creates a queue that does not wait for the legacy default stream.
    ///
    /// - Parameters:
    ///   - context: The context.
    ///   - priority: Lower numbers run first; 0 is the lowest priority, -5 the highest on Hopper.
    /// - Throws: ``CUDAErrorCode/callFailed``.
    public init(_ context: CUDAContext, priority: Int = 0) throws(CUDAError) {
        try context.makeCurrent()
        var stream: OpaquePointer?
        let driver = context.driver
        let status = driver.api.streamCreateWithPriority(
            &stream,
            UInt32(OI_CU_STREAM_NON_BLOCKING),
            Int32(clamping: priority)
        )
        try driver.check(status, "cuStreamCreateWithPriority", "priority: \(priority)")
        self.context = context
        owned = stream
    }

    deinit {
        guard let owned, (try? context.makeCurrent()) != nil else { return }
        _ = context.driver.api.streamDestroy(owned)
    }

    /// The driver's handle, for libraries that take a stream; valid as long as this value.
    public var handle: OpaquePointer? { owned }

    /// Destroys the stream and reports failures that the automatic destruction would hide.
    ///
    /// - Throws: ``CUDAErrorCode/callFailed``, or an error of earlier work.
    public consuming func close() throws(CUDAError) {
        let stream = owned
        owned = nil
        try context.makeCurrent()
        try context.driver.check(
            context.driver.api.streamDestroy(stream),
            "cuStreamDestroy",
            ""
        )
    }

    /// Whether all submitted work is done.
    ///
    /// - Throws: An error of that work, such as ``CUDAErrorCode/contextLost``.
    public func isIdle() throws(CUDAError) -> Bool {
        try context.makeCurrent()
        let status = context.driver.api.streamQuery(owned)
        if status == Int32(OI_CU_ERROR_NOT_READY) { return false }
        try context.driver.check(status, "cuStreamQuery", "") { "work on the device failed" }
        return true
    }

    /// Waits until all submitted work is done, yielding the processor while it lasts.
    ///
    /// - Parameter deadline: When to give up; the work goes on.
    /// - Throws: ``CUDAErrorCode/timedOut``, or an error of the work.
    public func synchronize(
        until deadline: Deadline = Deadline(after: CUDAStream.defaultWait)
    ) throws(CUDAError) {
        while try !isIdle() {
            guard !deadline.hasPassed else {
                throw CUDAError(
                    .timedOut,
                    "the host waited \(deadline.allowed) for device \(context.device.ordinal), "
                        + "which is still at work; a kernel may be stuck"
                )
            }
            sched_yield()
        }
    }

    /// Makes work submitted from now on wait until `event` has happened.
    ///
    /// - Throws: ``CUDAErrorCode/callFailed``.
    public func wait(for event: borrowing CUDAEvent) throws(CUDAError) {
        try context.makeCurrent()
        try context.driver.check(
            context.driver.api.streamWaitEvent(owned, event.handle, 0),
            "cuStreamWaitEvent",
            ""
        )
    }
}
