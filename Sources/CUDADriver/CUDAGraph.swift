import CCUDA

/// A recorded sequence of launches and copies.
public struct CUDAGraph: ~Copyable, @unchecked Sendable {
    // @unchecked: the graph is changed by nobody after the recording.

    /// The context of the recorded work.
    public let context: CUDAContext
    private let handle: OpaquePointer

    init(context: CUDAContext, handle: OpaquePointer) {
        self.context = context
        self.handle = handle
    }

    deinit {
        guard (try? context.makeCurrent()) != nil else { return }
        _ = context.driver.api.graphDestroy(handle)
    }

    /// How many operations were recorded.
    ///
    /// - Throws: ``CUDAErrorCode/callFailed``.
    public func nodeCount() throws(CUDAError) -> Int {
        try context.makeCurrent()
        var count = 0
        let status = context.driver.api.graphGetNodes(handle, nil, &count)
        try context.driver.check(status, "cuGraphGetNodes", "")
        return count
    }

    /// Makes the graph ready to run.
    ///
    /// - Throws: ``CUDAErrorCode/outOfMemory`` or another code if the driver refuses it.
    public func instantiate() throws(CUDAError) -> CUDAExecutableGraph {
        try context.makeCurrent()
        var executable: OpaquePointer?
        let status = context.driver.api.graphInstantiateWithFlags(&executable, handle, 0)
        guard status == 0, let executable else {
            throw context.driver.failure(
                status,
                "cuGraphInstantiate",
                "",
                "a recorded graph cannot be made ready"
            )
        }
        return CUDAExecutableGraph(context: context, handle: executable)
    }
}

/// A graph that can be launched again and again with one call.
///
/// The memory that its operations name must live as long as it is launched.
public struct CUDAExecutableGraph: ~Copyable, @unchecked Sendable {
    // @unchecked: the driver accepts it from any thread, one launch at a time per stream.

    /// The context of the recorded work.
    public let context: CUDAContext
    private let handle: OpaquePointer

    init(context: CUDAContext, handle: OpaquePointer) {
        self.context = context
        self.handle = handle
    }

    deinit {
        guard (try? context.makeCurrent()) != nil else { return }
        _ = context.driver.api.graphExecDestroy(handle)
    }

    /// Submits all recorded work.
    ///
    /// - Throws: An error of the submission or of earlier work.
    public func launch(on stream: borrowing CUDAStream) throws(CUDAError) {
        try context.makeCurrent()
        try context.driver.check(
            context.driver.api.graphLaunch(handle, stream.handle),
            "cuGraphLaunch",
            ""
        )
    }
}

extension CUDAStream {
    /// Records what `body` submits to this stream instead of running it.
    ///
    /// - Parameter body: Submits work to this stream; it must not wait for the device.
    /// - Returns: The recording.
    /// - Throws: What `body` throws, after the recording has been thrown away and the stream is
    ///   usable again; or a ``CUDAError`` if something was submitted that cannot be recorded.
    public func capture(_ body: (borrowing CUDAStream) throws -> Void) throws -> CUDAGraph {
        let driver = context.driver
        try context.makeCurrent()
        try driver.check(
            driver.api.streamBeginCapture(handle, Int32(OI_CU_STREAM_CAPTURE_MODE_THREAD_LOCAL)),
            "cuStreamBeginCapture",
            "mode: threadLocal"
        )
        var graph: OpaquePointer?
        do {
            try body(self)
        } catch {
            // The recording may already be invalid; ending it is what frees the stream.
            _ = driver.api.streamEndCapture(handle, &graph)
            if let graph { _ = driver.api.graphDestroy(graph) }
            throw error
        }
        let status = driver.api.streamEndCapture(handle, &graph)
        guard status == 0, let graph else {
            throw driver.failure(
                status,
                "cuStreamEndCapture",
                "",
                "the recording failed; it may have waited for the device or allocated memory"
            )
        }
        return CUDAGraph(context: context, handle: graph)
    }
}
