import CPeak

/// The most single-precision operations a second that one thread of this machine can do: the
/// measure of the products below, taken in the same run because clocks differ from hour to hour.
enum PeakBenchmark {
    static var instructions: String { String(cString: oi_peak_instructions()) }

    /// Measures the peak.
    ///
    /// - Returns: GFLOPS of one thread.
    static func gigaflops(_ stopwatch: Stopwatch) -> Double {
        var checksum: Float = 0
        var operations: UInt64 = 0
        let seconds = stopwatch.secondsPerCall { operations = oi_peak_run(200_000, &checksum) }
        precondition(checksum.isFinite, "the sums must not overflow")
        return Double(operations) / seconds / 1e9
    }
}
