import Operators
import Tensors

extension LatentAttention {
    /// Attention on the latents themselves: expansions absorbed into query and output.
    ///
    /// - Parameters:
    ///   - nope: `[T, H, N]`.
    ///   - rope: `[T, H, P]`, rotated.
    /// - Returns: `[T, H, V]`.
    func absorbed(
        nope: HostTensor,
        rope: HostTensor,
        context: LatentContext,
        executor: any AttentionExecutor
    ) throws -> HostTensor {
        let c = configuration
        let count = nope.shape[0]
        let blas = try BLAS.shared()
        let (heads, rank, width) = (c.headCount, c.keyValueRank, c.nopeHeadDimension)
        var latentQueries = HostTensor(uninitialized: [count, heads, rank])
        nope.withFloats { nope in
            keyExpansion.withFloats { expansion in
                latentQueries.withMutableFloats { latentQueries in
                    for head in 0..<heads {
                        blas.gemm(
                            m: count,
                            n: rank,
                            k: width,
                            nope + head * width,
                            lda: heads * width,
                            expansion + head * width * rank,
                            ldb: rank,
                            latentQueries + head * rank,
                            ldc: heads * rank
                        )
                    }
                }
            }
        }
        let found = try executor.attend(
            queries: try FeatureColumns.join(latentQueries, rope),
            context: context,
            valueWidth: rank,
            scale: scale
        )
        return try expandedValues(found, rowsPerHead: true)
    }

    /// Attention with each head's keys and values expanded from the latents.
    func expanded(
        nope: HostTensor,
        rope: HostTensor,
        context: LatentContext,
        executor: any AttentionExecutor
    ) throws -> HostTensor {
        let c = configuration
        let queries = try FeatureColumns.join(nope, rope)
        var output = HostTensor(
            uninitialized: [queries.shape[0], c.headCount, c.valueHeadDimension]
        )
        let width = c.headCount * c.valueHeadDimension
        var first = 0
        for (sequence, count) in context.queryCounts.enumerated() {
            let rows = context.rows(ofSequence: sequence)
            let (latents, keyRope) = try FeatureColumns.split(rows, at: c.keyValueRank)
            let found = try executor.attend(
                queries: try queries.slice(axis: 0, from: first, count: count).contiguous(),
                keys: try FeatureColumns.join(try expandedKeys(latents), keyRope),
                values: try expandedValues(latents, rowsPerHead: false),
                scale: scale
            )
            found.contiguous().withFloats { found in
                output.withMutableFloats { output in
                    (output + first * width).update(from: found, count: count * width)
                }
            }
            first += count
        }
        return output
    }

    /// c W_UKᵀ for each head: `[L, R]` to `[L, H, N]`.
    private func expandedKeys(_ latents: HostTensor) throws -> HostTensor {
        let c = configuration
        let flat = try keyExpansion.reshaped(
            to: [c.headCount * c.nopeHeadDimension, c.keyValueRank]
        )
        return try Linear.forward(latents, weight: flat)
            .reshaped(to: [latents.shape[0], c.headCount, c.nopeHeadDimension])
    }

    /// c W_UVᵀ for each head: `[L, R]`, or `[L, H, R]` with rows of its own, to `[L, H, V]`.
    private func expandedValues(
        _ latents: HostTensor,
        rowsPerHead: Bool
    ) throws -> HostTensor {
        let c = configuration
        let blas = try BLAS.shared()
        let (heads, rank, width) = (c.headCount, c.keyValueRank, c.valueHeadDimension)
        let count = latents.shape[0]
        var values = HostTensor(uninitialized: [count, heads, width])
        latents.contiguous().withFloats { latents in
            valueExpansion.withFloats { expansion in
                values.withMutableFloats { values in
                    for head in 0..<heads {
                        blas.gemm(
                            transposeB: true,
                            m: count,
                            n: width,
                            k: rank,
                            rowsPerHead ? latents + head * rank : latents,
                            lda: rowsPerHead ? heads * rank : rank,
                            expansion + head * width * rank,
                            ldb: rank,
                            values + head * width,
                            ldc: heads * width
                        )
                    }
                }
            }
        }
        return values
    }
}
