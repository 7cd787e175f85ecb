public import InfraCore

/// Runs the ranks of a group as processes of this machine that talk through shared memory.
///
/// The launching process starts one copy of a program per rank (usually itself) and waits. Each
/// copy finds its place with ``RankEnvironment/current(_:)`` and does its part in
/// ``runRank(_:limits:_:)``. If one fails or dies, the others are told why and end, and the
/// launcher throws the first reason.
public enum ProcessGroup {
    /// How long the other ranks may take to end after one has failed; then they are killed.
    public static let graceAfterFailure = Duration.seconds(5)
    /// How long a rank that is done waits for others to take its last messages.
    public static let closeTimeout = Duration.seconds(60)
    /// The most ranks of a group: each pair has a ring in shared memory.
    public static let maximumRankCount = 64

    /// Starts one process per rank and suspends until all have ended.
    ///
    /// - Parameters:
    ///   - rankCount: How many ranks, 1 to ``maximumRankCount``.
    ///   - executable: The program; by default the one that is running.
    ///   - arguments: Its arguments, without the program's name; the same for all ranks.
    /// - Throws: ``TransportErrorCode/aborted`` with the first rank's reason if any failed or
    ///   died; ``TransportErrorCode/launchFailure`` or ``TransportErrorCode/sharedMemory`` if the
    ///   group could not be started; ``TransportErrorCode/invalidArgument``.
    public static func run(
        rankCount: Int,
        executable: String = "/proc/self/exe",
        arguments: [String]
    ) async throws(TransportError) {
        let result: Result<Void, TransportError> = await withCheckedContinuation { continuation in
            do throws(TransportError) {
                try RankThread.start(name: "launcher") {
                    do throws(TransportError) {
                        try launch(rankCount, executable, arguments)
                        continuation.resume(returning: .success(()))
                    } catch {
                        continuation.resume(returning: .failure(error))
                    }
                }
            } catch {
                continuation.resume(returning: .failure(error))
            }
        }
        try result.get()
    }

    /// Joins the group and does one rank's part, on a thread of its own.
    ///
    /// - Parameters:
    ///   - place: Where this process belongs.
    ///   - limits: The bounds of queues and messages, the same on all ranks.
    ///   - body: What the rank does with its transport.
    /// - Returns: What `body` returned.
    /// - Throws: The error of `body`, which the other ranks and the launcher are told;
    ///   `TransportError` if the group could not be joined.
    public static func runRank<Result: Sendable>(
        _ place: RankEnvironment,
        limits: TransportLimits = TransportLimits(),
        _ body: @escaping @Sendable (SharedMemoryTransport) throws -> Result
    ) async throws -> Result {
        try await withCheckedThrowingContinuation { continuation in
            do {
                try RankThread.start(name: "rank \(place.rank)") {
                    continuation.resume(
                        with: Swift.Result { try runRankBlocking(place, limits, body) }
                    )
                }
            } catch {
                continuation.resume(throwing: error)
            }
        }
    }

    private static func runRankBlocking<Result>(
        _ place: RankEnvironment,
        _ limits: TransportLimits,
        _ body: (SharedMemoryTransport) throws -> Result
    ) throws -> Result {
        let transport = try SharedMemoryTransport(
            joining: place.segmentPath,
            rank: place.rank,
            limits: limits
        )
        do {
            let result = try body(transport)
            try transport.close(deadline: Deadline(after: closeTimeout))
            return result
        } catch {
            transport.abort("\(error)")
            throw error
        }
    }

    private static func launch(
        _ rankCount: Int,
        _ executable: String,
        _ arguments: [String]
    ) throws(TransportError) {
        guard (1...maximumRankCount).contains(rankCount) else {
            throw TransportError(
                .invalidArgument,
                "ranks is \(rankCount); a group of processes has 1 to \(maximumRankCount)"
            )
        }
        let segment = try SharedSegment.create(
            layout: SegmentLayout(rankCount: rankCount),
            hasLauncher: true
        )
        // Usually gone by then: the last rank that joins takes the name away.
        defer { segment.unlink() }
        let watch = ProcessWatch(segment: segment)
        for rank in 0..<rankCount {
            let place = RankEnvironment(rank: rank, segmentPath: segment.path)
            do throws(TransportError) {
                let process = try ChildProcess.start(
                    executable: executable,
                    arguments: arguments,
                    variables: place.variables
                )
                try watch.add(process, rank: rank)
            } catch {
                watch.fail("rank \(rank) could not be started: \(error.message)")
                break
            }
        }
        if let reason = watch.waitForAll() { throw TransportError(.aborted, reason) }
    }
}
