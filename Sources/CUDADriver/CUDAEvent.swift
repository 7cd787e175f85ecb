import CCUDA
public import InfraCore

#if canImport(Glibc)
    import Glibc
#endif

/// A point in a stream that others can wait for, and between two of which time can be measured.
public struct CUDAEvent: ~Copyable, @unchecked Sendable {
    // @unchecked: the driver accepts an event from any thread.

    /// The context of the streams it is recorded in.
    public let context: CUDAContext
    let handle: OpaquePointer?

    /// Creates an event.
    ///
    /// - Parameters:
    ///   - context: The context.
    ///   - measuresTime: Whether ``milliseconds(since:)`` is needed; events without are cheaper.
    /// - Throws: ``CUDAErrorCode/callFailed``.
    public init(_ context: CUDAContext, measuresTime: Bool = true) throws(CUDAError) {
        try context.makeCurrent()
        var event: OpaquePointer?
        let flags = measuresTime ? 0 : UInt32(OI_CU_EVENT_DISABLE_TIMING)
        try context.driver.check(
            context.driver.api.eventCreate(&event, flags),
            "cuEventCreate",
            "flags: \(flags)"
        )
        self.context = context
        handle = event
    }

    deinit {
        guard let handle, (try? context.makeCurrent()) != nil else { return }
        _ = context.driver.api.eventDestroy(handle)
    }

    /// Marks the point after all work submitted to `stream` so far.
    ///
    /// - Throws: ``CUDAErrorCode/callFailed``.
    public func record(on stream: borrowing CUDAStream) throws(CUDAError) {
        try context.makeCurrent()
        try context.driver.check(
            context.driver.api.eventRecord(handle, stream.handle),
            "cuEventRecord",
            ""
        )
    }

    /// Whether the recorded point has been reached.
    ///
    /// - Throws: An error of the work before it.
    public func hasHappened() throws(CUDAError) -> Bool {
        try context.makeCurrent()
        let status = context.driver.api.eventQuery(handle)
        if status == Int32(OI_CU_ERROR_NOT_READY) { return false }
        try context.driver.check(status, "cuEventQuery", "") { "work on the device failed" }
        return true
    }

    /// Waits until the recorded point has been reached.
    ///
    /// - Parameter deadline: When to give up.
    /// - Throws: ``CUDAErrorCode/timedOut``, or an error of the work before the point.
    public func synchronize(
        until deadline: Deadline = Deadline(after: CUDAStream.defaultWait)
    ) throws(CUDAError) {
        while try !hasHappened() {
            guard !deadline.hasPassed else {
                throw CUDAError(
                    .timedOut,
                    "the host waited \(deadline.allowed) for an event of device "
                        + "\(context.device.ordinal); a kernel may be stuck"
                )
            }
            sched_yield()
        }
    }

    /// The time on the device between two recorded points that both have been reached.
    ///
    /// - Parameter start: The earlier point; both events must measure time.
    /// - Returns: Milliseconds, with a resolution of about half a microsecond.
    /// - Throws: ``CUDAErrorCode/invalidArgument`` if an event was not recorded.
    public func milliseconds(since start: borrowing CUDAEvent) throws(CUDAError) -> Double {
        try context.makeCurrent()
        var milliseconds: Float = 0
        try context.driver.check(
            context.driver.api.eventElapsedTime(&milliseconds, start.handle, handle),
            "cuEventElapsedTime",
            ""
        ) { "no time can be read between two events; both must be recorded and measure time" }
        return Double(milliseconds)
    }
}
