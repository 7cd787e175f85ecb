import Operators
public import Tensors

#if canImport(Glibc)
    import Glibc
#endif

/// Attention on the CPU, by OpenBLAS: the reference for every other executor.
public struct CPUAttention: AttentionExecutor {
    /// The most scores held at once, 16 MiB of them; longer steps run in tiles of queries.
    static let maximumScoreCount = 4 << 20

    /// Creates the executor.
    public init() {}

    /// See ``AttentionExecutor/attend(queries:context:valueWidth:scale:)``.
    public func attend(
        queries: HostTensor,
        context: LatentContext,
        valueWidth: Int,
        scale: Float
    ) throws -> HostTensor {
        let blas = try BLAS.shared()
        let (heads, width) = (queries.shape[1], queries.shape[2])
        var output = HostTensor(uninitialized: [queries.shape[0], heads, valueWidth])
        let queries = queries.contiguous()
        var firstQuery = 0
        for (sequence, queryCount) in context.queryCounts.enumerated() {
            let length = context.lengths[sequence]
            let rows = context.rows(ofSequence: sequence)
            let tile = max(1, Self.maximumScoreCount / max(1, heads * length))
            for start in stride(from: 0, to: queryCount, by: tile) {
                let count = min(tile, queryCount - start)
                var scores = HostTensor(uninitialized: [count * heads, length])
                queries.withFloats { queries in
                    rows.withFloats { rows in
                        scores.withMutableFloats { scores in
                            output.withMutableFloats { output in
                                blas.gemm(
                                    transposeB: true,
                                    m: count * heads,
                                    n: length,
                                    k: width,
                                    alpha: scale,
                                    queries + (firstQuery + start) * heads * width,
                                    lda: width,
                                    rows,
                                    ldb: width,
                                    scores,
                                    ldc: length
                                )
                                for query in 0..<count {
                                    let visible = length - queryCount + start + query + 1
                                    for head in 0..<heads {
                                        Self.softmax(
                                            scores + (query * heads + head) * length,
                                            visible: visible,
                                            of: length
                                        )
                                    }
                                }
                                blas.gemm(
                                    m: count * heads,
                                    n: valueWidth,
                                    k: length,
                                    scores,
                                    lda: length,
                                    rows,
                                    ldb: width,
                                    output + (firstQuery + start) * heads * valueWidth,
                                    ldc: valueWidth
                                )
                            }
                        }
                    }
                }
            }
            firstQuery += queryCount
        }
        return output
    }

    /// See ``AttentionExecutor/attend(queries:keys:values:scale:)``.
    public func attend(
        queries: HostTensor,
        keys: HostTensor,
        values: HostTensor,
        scale: Float
    ) throws -> HostTensor {
        try CausalAttention.forward(q: queries, k: keys, v: values, scale: scale).output
    }

    /// Replaces the first `visible` scores by their softmax and the others by zero.
    private static func softmax(
        _ row: UnsafeMutablePointer<Float>,
        visible: Int,
        of count: Int
    ) {
        var maximum = -Float.infinity
        for i in 0..<visible { maximum = max(maximum, row[i]) }
        var sum: Float = 0
        for i in 0..<visible {
            row[i] = expf(row[i] - maximum)
            sum += row[i]
        }
        for i in 0..<visible { row[i] /= sum }
        for i in visible..<count { row[i] = 0 }
    }
}
