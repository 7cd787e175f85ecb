import Tensors

/// Products on one thread, as a share of what the same thread can compute at most.
enum GEMMBenchmark {
    /// Shapes `[m, k] x [k, n]`: squares, a token batch through a layer, one token, odd sizes.
    static let shapes: [(m: Int, n: Int, k: Int)] = [
        (256, 256, 256), (512, 512, 512), (1024, 1024, 1024),
        (128, 1536, 512), (1, 1536, 512), (129, 257, 511),
    ]

    static func rows(_ stopwatch: Stopwatch, peak: Double) throws -> [Row] {
        let blas = try BLAS.shared()
        blas.setThreadCount(1)
        return shapes.map { shape in
            let (m, n, k) = shape
            let a = [Float](repeating: 0.5, count: m * k)
            let b = [Float](repeating: 0.25, count: k * n)
            var c = [Float](repeating: 0, count: m * n)
            let seconds = stopwatch.secondsPerCall {
                blas.gemm(m: m, n: n, k: k, a, lda: k, b, ldb: n, &c, ldc: n)
            }
            precondition(c.allSatisfy { $0 == Float(k) * 0.125 }, "the product is wrong")
            let gigaflops = 2 * Double(m) * Double(n) * Double(k) / seconds / 1e9
            return Row(
                name: "gemm \(m)x\(n)x\(k)",
                value: gigaflops,
                unit: "GFLOPS",
                baseline: "peak of one thread",
                share: gigaflops / peak
            )
        }
    }
}
