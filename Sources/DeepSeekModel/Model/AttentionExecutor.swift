public import Tensors

/// Where attention is computed: the seam a GPU kernel replaces.
public protocol AttentionExecutor: Sendable {
    /// Attention on latents: all heads share each token's row as key, and its first R numbers as
    /// value (multi-query attention; the absorbed form of MLA).
    ///
    /// Query s of a sequence's S sees its tokens up to length - S + s.
    ///
    /// - Parameters:
    ///   - queries: `[T, H, R + P]`, float32, the sequences one after another.
    ///   - context: The latents.
    ///   - valueWidth: R.
    ///   - scale: Multiplies the scores.
    /// - Returns: `[T, H, R]`, float32.
    func attend(
        queries: HostTensor,
        context: LatentContext,
        valueWidth: Int,
        scale: Float
    ) throws -> HostTensor

    /// Attention of one sequence with a key and a value of its own for each head.
    ///
    /// - Parameters:
    ///   - queries: `[S, H, N + P]`, float32.
    ///   - keys: `[L, H, N + P]`, float32; the last S belong to the queries' tokens.
    ///   - values: `[L, H, V]`, float32.
    ///   - scale: Multiplies the scores.
    /// - Returns: `[S, H, V]`, float32.
    func attend(
        queries: HostTensor,
        keys: HostTensor,
        values: HostTensor,
        scale: Float
    ) throws -> HostTensor
}
