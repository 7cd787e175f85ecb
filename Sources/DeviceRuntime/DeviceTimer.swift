public import CUDADriver
public import InfraCore

/// Measures work on a GPU: each run with a cold second-level cache, by events around it.
public struct DeviceTimer: ~Copyable {
    private let flush: DeviceBuffer
    private let start: CUDAEvent
    private let end: CUDAEvent

    /// The cache is flushed by writing this many times its size.
    private static let flushFactor = 4

    /// Creates a timer.
    ///
    /// - Parameters:
    ///   - context: The context of what will be measured.
    ///   - flushesCache: Whether each run starts with a cold second-level cache.
    /// - Throws: An error if memory runs out.
    public init(_ context: CUDAContext, flushesCache: Bool = true) throws(CUDAError) {
        let flush = try DeviceBuffer(
            context,
            byteCount: flushesCache ? context.properties.l2ByteCount * Self.flushFactor : 0
        )
        let start = try CUDAEvent(context)
        let end = try CUDAEvent(context)
        self.flush = flush
        self.start = start
        self.end = end
    }

    /// Runs work several times and measures each run; waits for the device.
    ///
    /// - Parameters:
    ///   - repetitions: Measured runs.
    ///   - warmups: Runs before, which are not measured.
    ///   - stream: Where the work is submitted.
    ///   - work: Submits the work to the stream; the stream alone orders it.
    /// - Throws: What `work` throws, or an error of the device.
    public func measure(
        repetitions: Int = 30,
        warmups: Int = 3,
        on stream: borrowing CUDAStream,
        _ work: (borrowing CUDAStream) throws -> Void
    ) throws -> DeviceTiming {
        var microseconds: [Double] = []
        for run in 0..<max(warmups, 0) + max(repetitions, 1) {
            try flush.range().fill(UInt8(truncatingIfNeeded: run), on: stream)
            try start.record(on: stream)
            try work(stream)
            try end.record(on: stream)
            try end.synchronize()
            if run >= warmups {
                microseconds.append(try end.milliseconds(since: start) * 1000)
            }
        }
        return DeviceTiming(microseconds: microseconds)
    }
}

/// Times of several runs of the same work.
public struct DeviceTiming: Sendable, Hashable, Codable {
    /// The middle one; the mean of the middle two if their number is even.
    public let medianMicroseconds: Double
    /// The shortest.
    public let minMicroseconds: Double
    /// The longest.
    public let maxMicroseconds: Double
    /// How many runs were measured.
    public let count: Int

    /// Summarises times; none count as zero.
    public init(microseconds: [Double]) {
        let sorted = microseconds.sorted()
        count = sorted.count
        minMicroseconds = sorted.first ?? 0
        maxMicroseconds = sorted.last ?? 0
        if sorted.isEmpty {
            medianMicroseconds = 0
        } else {
            let middle = sorted.count / 2
            medianMicroseconds =
                sorted.count % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2
        }
    }

    /// Bytes moved in a run, as 10^9 bytes a second of the median.
    public func gigabytesPerSecond(byteCount: Int) -> Double {
        medianMicroseconds > 0 ? Double(byteCount) / medianMicroseconds / 1e3 : 0
    }

    /// Floating-point operations of a run, as 10^12 a second of the median.
    public func teraflops(operationCount: Double) -> Double {
        medianMicroseconds > 0 ? operationCount / medianMicroseconds / 1e6 : 0
    }
}
