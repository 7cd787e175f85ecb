import Operators
import Tensors

/// Multi-head latent attention ("DeepSeek-V2", 2024, section 2.1), weights and projections.
///
/// The latent's expansion is kept as its two parts, W_UK for keys and W_UV for values, so that
/// they can be absorbed into the query and the output: scores against the latent itself are
/// q W_UK · c, and the output of a head is W_UV applied to the weighted sum of latents.
struct LatentAttention: Sendable {
    /// The query's projection: through a normalised low rank, or direct.
    enum Query: Sendable {
        case direct(HostTensor)
        case lowRank(down: HostTensor, bias: HostTensor?, norm: HostTensor, up: HostTensor)
    }

    let configuration: ModelConfiguration
    let query: Query
    /// `[R + P, hidden]`.
    let latent: HostTensor
    let latentBias: HostTensor?
    /// `[R]`.
    let latentNorm: HostTensor
    /// W_UK, `[H, N, R]`.
    let keyExpansion: HostTensor
    /// W_UV, `[H, V, R]`.
    let valueExpansion: HostTensor
    /// `[hidden, H * V]`.
    let output: HostTensor
    let outputBias: HostTensor?
    let rotary: RotaryEmbedding
    /// Multiplies the scores.
    let scale: Float

    /// The queries of tokens: the part without position `[T, H, N]` and the rotated `[T, H, P]`.
    func queries(
        _ x: HostTensor,
        positions: [Int]
    ) throws -> (nope: HostTensor, rope: HostTensor) {
        let c = configuration
        let projected: HostTensor
        switch query {
        case .direct(let weight): projected = try Linear.forward(x, weight: weight)
        case .lowRank(let down, let bias, let norm, let up):
            var low = try Linear.forward(x, weight: down)
            if let bias { low.addToRows(bias) }
            low = try normalized(low, weight: norm)
            projected = try Linear.forward(low, weight: up)
        }
        let heads = try projected.reshaped(to: [x.shape[0], c.headCount, c.queryHeadDimension])
        var (nope, rope) = try FeatureColumns.split(heads, at: c.nopeHeadDimension)
        try rotary.rotate(&rope, positions: positions)
        return (nope, rope)
    }

    /// The rows tokens leave in the cache, `[T, R + P]`.
    func latentRows(_ x: HostTensor, positions: [Int]) throws -> HostTensor {
        let c = configuration
        var projected = try Linear.forward(x, weight: latent)
        if let latentBias { projected.addToRows(latentBias) }
        var (compressed, rope) = try FeatureColumns.split(projected, at: c.keyValueRank)
        compressed = try normalized(compressed, weight: latentNorm)
        try rotary.rotate(&rope, positions: positions)
        let joined = try FeatureColumns.join(
            compressed.reshaped(to: [x.shape[0], 1, c.keyValueRank]),
            rope
        )
        return try joined.reshaped(to: [x.shape[0], c.latentWidth])
    }

    /// The output projection of what the heads found, `[T, H, V]` to `[T, hidden]`.
    func project(_ heads: HostTensor) throws -> HostTensor {
        let c = configuration
        let flat = try heads.reshaped(to: [heads.shape[0], c.headCount * c.valueHeadDimension])
        var result = try Linear.forward(flat, weight: output)
        if let outputBias { result.addToRows(outputBias) }
        return result
    }

    private func normalized(_ x: HostTensor, weight: HostTensor) throws -> HostTensor {
        let epsilon = Float(ModelConfiguration.latentNormEpsilon)
        return try RMSNorm.forward(x, weight: weight, epsilon: epsilon).output
    }
}
