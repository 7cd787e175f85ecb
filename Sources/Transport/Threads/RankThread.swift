import InfraCore

#if canImport(Glibc)
    import Glibc
#endif

/// A thread of one's own, for work that blocks.
package enum RankThread {
    /// Stack of a thread: numeric code keeps its arrays on the heap.
    package static let stackByteCount = 16 << 20

    /// Starts a detached thread.
    ///
    /// - Parameters:
    ///   - name: What the error message calls it.
    ///   - body: What it runs.
    /// - Throws: ``TransportErrorCode/launchFailure``.
    package static func start(
        name: String,
        _ body: @escaping @Sendable () -> Void
    ) throws(TransportError) {
        var attributes = pthread_attr_t()
        pthread_attr_init(&attributes)
        defer { pthread_attr_destroy(&attributes) }
        pthread_attr_setstacksize(&attributes, stackByteCount)
        pthread_attr_setdetachstate(&attributes, Int32(PTHREAD_CREATE_DETACHED))
        let work = Unmanaged.passRetained(ThreadWork(body: body))
        var thread = pthread_t()
        let status = pthread_create(&thread, &attributes, runThreadWork, work.toOpaque())
        guard status == 0 else {
            work.release()
            throw TransportError(
                .launchFailure,
                "cannot start thread \(name): \(String(cString: strerror(status)))"
            )
        }
    }
}

private final class ThreadWork: Sendable {
    let body: @Sendable () -> Void
    init(body: @escaping @Sendable () -> Void) { self.body = body }
}

/// A global function, not a closure: a C library calls it on a thread that no actor knows.
private func runThreadWork(_ argument: UnsafeMutableRawPointer?) -> UnsafeMutableRawPointer? {
    guard let argument else { return nil }
    let work = Unmanaged<ThreadWork>.fromOpaque(argument).takeRetainedValue()
    work.body()
    return nil
}
