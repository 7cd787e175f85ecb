package import InfraCore

#if canImport(Glibc)
    import Glibc
#endif

/// State under a lock, with a way to sleep until it changes.
///
/// The standard library has a mutex but no condition variable; ranks are plain threads that must
/// sleep without occupying the cooperative pool.
package final class Monitor<State>: @unchecked Sendable {
    // @unchecked: `state` is touched only while `mutex` is held.
    private let mutex: UnsafeMutablePointer<pthread_mutex_t>
    private let condition: UnsafeMutablePointer<pthread_cond_t>
    private var state: State

    package init(_ state: sending State) {
        self.state = state
        mutex = .allocate(capacity: 1)
        condition = .allocate(capacity: 1)
        pthread_mutex_init(mutex, nil)
        var attributes = pthread_condattr_t()
        pthread_condattr_init(&attributes)
        // Deadlines must not move when someone sets the wall clock.
        pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC)
        pthread_cond_init(condition, &attributes)
        pthread_condattr_destroy(&attributes)
    }

    deinit {
        pthread_cond_destroy(condition)
        pthread_mutex_destroy(mutex)
        condition.deallocate()
        mutex.deallocate()
    }

    /// Runs `body` under the lock; sleepers stay asleep.
    package func withLock<Result, Failure: Error>(
        _ body: (inout State) throws(Failure) -> Result
    ) throws(Failure) -> Result {
        pthread_mutex_lock(mutex)
        defer { pthread_mutex_unlock(mutex) }
        return try body(&state)
    }

    /// Runs `body` under the lock and wakes everyone who sleeps in ``wait(until:_:)``.
    package func update<Result, Failure: Error>(
        _ body: (inout State) throws(Failure) -> Result
    ) throws(Failure) -> Result {
        pthread_mutex_lock(mutex)
        defer {
            pthread_cond_broadcast(condition)
            pthread_mutex_unlock(mutex)
        }
        return try body(&state)
    }

    /// Wakes everyone who sleeps in ``wait(until:_:)``.
    package func notifyAll() { pthread_cond_broadcast(condition) }

    /// Sleeps until `body` returns a value, trying again after every update.
    ///
    /// - Parameters:
    ///   - deadline: When to give up; `nil` waits for ever, for joins of one's own threads.
    ///   - body: Returns `nil` to go on waiting.
    /// - Returns: What `body` returned, or `nil` after the deadline.
    package func wait<Result, Failure: Error>(
        until deadline: Deadline?,
        _ body: (inout State) throws(Failure) -> Result?
    ) throws(Failure) -> Result? {
        pthread_mutex_lock(mutex)
        defer { pthread_mutex_unlock(mutex) }
        while true {
            if let result = try body(&state) { return result }
            guard let deadline else {
                pthread_cond_wait(condition, mutex)
                continue
            }
            let remaining = deadline.remainingNanoseconds
            if remaining == 0 { return nil }
            var until = timespec()
            clock_gettime(CLOCK_MONOTONIC, &until)
            // A year at once is plenty and keeps the sum from overflowing.
            let total = UInt64(until.tv_nsec) + min(remaining, 31_536_000_000_000_000)
            until.tv_sec += Int(total / 1_000_000_000)
            until.tv_nsec = Int(total % 1_000_000_000)
            pthread_cond_timedwait(condition, mutex, &until)
        }
    }
}
