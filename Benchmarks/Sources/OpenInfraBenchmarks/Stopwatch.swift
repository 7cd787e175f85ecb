/// Timing of short pieces of work.
struct Stopwatch {
    /// How long one measurement lasts at least.
    var minimum: Duration
    /// How many measurements are made; the best counts, because noise only ever adds time.
    var repetitions: Int

    /// The time one call of `body` takes, in seconds: the best of several measurements, each of as
    /// many calls as fill the minimum duration.
    func secondsPerCall(_ body: () throws -> Void) rethrows -> Double {
        try body()  // pages in what the work touches
        var callCount = 1
        var best = Double.infinity
        var measured = 0
        while measured < repetitions {
            let start = ContinuousClock.now
            for _ in 0..<callCount { try body() }
            let elapsed = ContinuousClock.now - start
            if elapsed < minimum {
                // Too short to count: aim a little past the minimum.
                let ratio = max(minimum / max(elapsed, .nanoseconds(100)), 1)
                callCount = Int((Double(callCount) * min(ratio * 1.2, 1000)).rounded(.up))
                continue
            }
            best = min(best, (elapsed / .seconds(1)) / Double(callCount))
            measured += 1
        }
        return best
    }
}
