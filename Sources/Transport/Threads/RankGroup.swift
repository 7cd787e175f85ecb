import InfraCore

/// Runs a closure once per rank, each on a thread of its own, within this process.
public enum RankGroup {
    /// The most ranks of a group: each is a thread.
    public static let maximumRankCount = 1024

    /// Runs `body` on every rank and waits for all of them, blocking the calling thread.
    ///
    /// If a rank throws, the others' waits fail at once, and the error of the rank that threw
    /// first is thrown here when all have ended.
    ///
    /// - Parameters:
    ///   - rankCount: How many ranks, 1 to ``maximumRankCount``.
    ///   - limits: The bounds of queues and messages.
    ///   - body: What each rank does with its transport.
    /// - Returns: What the ranks returned, in their order.
    /// - Throws: The first error of `body`, ``TransportErrorCode/launchFailure`` or
    ///   ``TransportErrorCode/invalidArgument``.
    public static func run<Result: Sendable>(
        rankCount: Int,
        limits: TransportLimits = TransportLimits(),
        _ body: @escaping @Sendable (InProcessTransport) throws -> Result
    ) throws -> [Result] {
        let group = try Running<Result>(rankCount: rankCount)
        group.start(limits: limits, body)
        return try group.join()
    }

    /// As the blocking form, but suspends the calling task instead of blocking its thread.
    public static func run<Result: Sendable>(
        rankCount: Int,
        limits: TransportLimits = TransportLimits(),
        _ body: @escaping @Sendable (InProcessTransport) throws -> Result
    ) async throws -> [Result] {
        let group = try Running<Result>(rankCount: rankCount)
        await withCheckedContinuation { continuation in
            group.notify { continuation.resume() }
            group.start(limits: limits, body)
        }
        return try group.join()
    }
}

/// The ranks of one call while they run.
private final class Running<Result: Sendable>: Sendable {
    private struct State {
        var results: [Result?]
        var left: Int
        var firstError: (any Error)?
        var completion: (@Sendable () -> Void)?
    }

    private let monitor: Monitor<State>
    private let rankCount: Int

    init(rankCount: Int) throws(TransportError) {
        guard (1...RankGroup.maximumRankCount).contains(rankCount) else {
            throw TransportError(
                .invalidArgument,
                "ranks is \(rankCount); a group of threads has 1 to \(RankGroup.maximumRankCount)"
            )
        }
        self.rankCount = rankCount
        monitor = Monitor(
            State(results: Array(repeating: nil, count: rankCount), left: rankCount)
        )
    }

    /// Calls `completion` when all ranks have ended.
    func notify(_ completion: @escaping @Sendable () -> Void) {
        monitor.withLock { $0.completion = completion }
    }

    func start(
        limits: TransportLimits,
        _ body: @escaping @Sendable (InProcessTransport) throws -> Result
    ) {
        for transport in InProcessTransport.group(rankCount: rankCount, limits: limits) {
            do {
                try RankThread.start(name: "rank \(transport.rank)") { [self] in
                    do {
                        let result = try body(transport)
                        transport.finish()
                        end(transport.rank, result)
                    } catch {
                        fail(transport, error)
                    }
                }
            } catch {
                fail(transport, error)
            }
        }
    }

    func join() throws -> [Result] {
        let outcome: ([Result?], (any Error)?)? = monitor.wait(until: nil) { state in
            state.left == 0 ? (state.results, state.firstError) : nil
        }
        if let error = outcome?.1 { throw error }
        return (outcome?.0 ?? []).compactMap(\.self)
    }

    private func fail(_ transport: InProcessTransport, _ error: any Error) {
        // Before the others are told: their errors are only echoes of this one.
        monitor.withLock { $0.firstError = $0.firstError ?? error }
        transport.abort("\(error)")
        end(transport.rank, nil)
    }

    private func end(_ rank: Int, _ result: Result?) {
        let completion = monitor.update { state -> (@Sendable () -> Void)? in
            state.results[rank] = result
            state.left -= 1
            return state.left == 0 ? state.completion : nil
        }
        completion?()
    }
}
