import InfraCore
import Tensors

#if canImport(Glibc)
    import Glibc
#endif

/// Copies and changes of layout, against `memcpy` of the same bytes in the same run.
enum MemoryBenchmark {
    /// Bytes read plus bytes written a second of `memcpy`, in GB/s.
    static func memcpyGigabytes(_ stopwatch: Stopwatch, byteCount: Int) -> Double {
        let source = AlignedBytes(byteCount: byteCount)
        let target = AlignedBytes(byteCount: byteCount)
        let seconds = stopwatch.secondsPerCall {
            memcpy(target.base, source.base, byteCount)
        }
        return 2 * Double(byteCount) / seconds / 1e9
    }

    static func rows(_ stopwatch: Stopwatch, elementCount: Int) -> [Row] {
        let copy = memcpyGigabytes(stopwatch, byteCount: elementCount * 4)
        let side = Int(Double(elementCount).squareRoot())
        let transposed = HostTensor(zeros: [side, side], dtype: .float32).transposed()
        let seconds = stopwatch.secondsPerCall { _ = transposed.contiguous() }
        let gigabytes = 8 * Double(side * side) / seconds / 1e9
        return [
            Row(name: "memcpy \((elementCount * 4) >> 20) MiB", value: copy, unit: "GB/s"),
            Row(
                name: "transpose \(side)x\(side) F32",
                value: gigabytes,
                unit: "GB/s",
                baseline: "memcpy",
                share: gigabytes / copy
            ),
        ]
    }
}
