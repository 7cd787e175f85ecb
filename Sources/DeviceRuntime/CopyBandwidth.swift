public import CUDADriver

/// What the GPU's memory gives at best: the ceiling of work that moves bytes.
public enum CopyBandwidth {
    /// Measures a large copy within the device.
    ///
    /// - Parameters:
    ///   - context: The context.
    ///   - byteCount: The size of the copy; it should be many times the second-level cache.
    ///   - repetitions: Measured runs.
    /// - Returns: 10^9 bytes a second, read and written together, of the median run.
    /// - Throws: An error if memory runs out or the device fails.
    public static func gigabytesPerSecond(
        _ context: CUDAContext,
        byteCount: Int = 1 << 31,
        repetitions: Int = 10
    ) throws -> Double {
        let source = try DeviceBuffer(context, byteCount: byteCount)
        let destination = try DeviceBuffer(context, byteCount: byteCount)
        let stream = try CUDAStream(context)
        // The source must hold something: memory that was never written may read faster.
        try source.range().fill(0x5A, on: stream)
        let timer = try DeviceTimer(context, flushesCache: false)
        let from = try source.range()
        let to = try destination.range()
        let timing = try timer.measure(repetitions: repetitions, on: stream) { stream in
            try to.copy(from: from, on: stream)
        }
        return timing.gigabytesPerSecond(byteCount: 2 * byteCount)
    }
}
