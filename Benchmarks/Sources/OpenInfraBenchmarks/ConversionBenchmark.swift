import InfraCore
import Tensors

/// Conversions between float32 and the narrow dtypes, against `memcpy` of as many bytes as a
/// conversion reads and writes.
enum ConversionBenchmark {
    static let dtypes: [DType] = [.bfloat16, .float16, .float8E4M3, .float8E5M2]

    static func rows(_ stopwatch: Stopwatch, elementCount: Int) -> [Row] {
        var random = SeededRandom(seed: 1)
        let wide = HostTensor((0..<elementCount).map { _ in random.normal() })
        return dtypes.flatMap { dtype -> [Row] in
            let narrow = wide.converted(to: dtype)
            let byteCount = wide.byteCount + narrow.byteCount
            let copy = MemoryBenchmark.memcpyGigabytes(stopwatch, byteCount: byteCount / 2)
            func row(_ name: String, _ body: () -> Void) -> Row {
                let gigabytes = Double(byteCount) / stopwatch.secondsPerCall(body) / 1e9
                return Row(
                    name: name,
                    value: gigabytes,
                    unit: "GB/s",
                    baseline: "memcpy",
                    share: gigabytes / copy
                )
            }
            return [
                row("F32 to \(dtype.rawValue)") { _ = wide.converted(to: dtype) },
                row("\(dtype.rawValue) to F32") { _ = narrow.converted(to: .float32) },
            ]
        }
    }
}
