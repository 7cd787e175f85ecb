import DeepSeekModel
import InfraCore
import Operators
import Tensors

/// Multi-head latent attention in its training form (DeepSeek-V2, 2024, section 2.1): queries and
/// key-values pass through low-rank latents, and a rotary part is kept apart from both.
///
/// Letters: M tokens, D model width, H heads, N plain and P rotary width of queries and keys,
/// V width of values, R rank of the key-value latent.
struct LatentAttentionLayer {
    private let configuration: ModelConfiguration
    private let rotary: RotaryEmbedding
    private let queryDown: LinearLayer?
    private let queryNorm: NormLayer?
    private let queryUp: LinearLayer
    private let keyValueDown: LinearLayer
    private let keyValueNorm: NormLayer
    private let keyValueUp: LinearLayer
    private let output: LinearLayer

    /// What the backward pass needs of a forward pass.
    struct Saved {
        let x: HostTensor
        let queryNorm: RMSNorm.Saved?
        /// The input of the last query projection.
        let queryInput: HostTensor
        let keyValueNorm: RMSNorm.Saved
        let latent: HostTensor
        let attention: CausalAttention.Saved
        /// The heads' outputs, `[M, H V]`.
        let heads: HostTensor
        let positions: [Int]
    }

    /// - Parameters:
    ///   - prefix: The name up to `q_proj` or `q_a_proj`.
    init(
        _ prefix: String,
        _ configuration: ModelConfiguration,
        _ rotary: RotaryEmbedding,
        _ make: ParameterFactory
    ) {
        self.configuration = configuration
        self.rotary = rotary
        let c = configuration
        let queryWidth = c.headCount * c.queryHeadDimension
        let epsilon = Float(ModelConfiguration.latentNormEpsilon)
        if let rank = c.queryRank {
            queryDown = LinearLayer(
                weight: make.matrix("\(prefix)q_a_proj.weight", rank, c.hiddenSize)
            )
            queryNorm = NormLayer(
                weight: make.ones("\(prefix)q_a_layernorm.weight", rank),
                epsilon: epsilon
            )
            queryUp = LinearLayer(weight: make.matrix("\(prefix)q_b_proj.weight", queryWidth, rank))
        } else {
            queryDown = nil
            queryNorm = nil
            queryUp = LinearLayer(
                weight: make.matrix("\(prefix)q_proj.weight", queryWidth, c.hiddenSize)
            )
        }
        keyValueDown = LinearLayer(
            weight: make.matrix("\(prefix)kv_a_proj_with_mqa.weight", c.latentWidth, c.hiddenSize)
        )
        keyValueNorm = NormLayer(
            weight: make.ones("\(prefix)kv_a_layernorm.weight", c.keyValueRank),
            epsilon: epsilon
        )
        keyValueUp = LinearLayer(
            weight: make.matrix(
                "\(prefix)kv_b_proj.weight",
                c.headCount * (c.nopeHeadDimension + c.valueHeadDimension),
                c.keyValueRank
            )
        )
        output = LinearLayer(
            weight: make.matrix(
                "\(prefix)o_proj.weight",
                c.hiddenSize,
                c.headCount * c.valueHeadDimension,
                writesResidual: true
            )
        )
    }

    var parameters: [Parameter] {
        [queryDown?.weight, queryNorm?.weight].compactMap { $0 } + [
            queryUp.weight, keyValueDown.weight, keyValueNorm.weight, keyValueUp.weight,
            output.weight,
        ]
    }

    /// - Parameters:
    ///   - x: `[M, D]`: `sequenceCount` sequences of equal length, one after the other.
    /// - Returns: `[M, D]`.
    func forward(
        _ x: HostTensor,
        sequenceCount: Int
    ) throws -> (output: HostTensor, saved: Saved) {
        let c = configuration
        let tokens = x.shape[0]
        let length = tokens / sequenceCount
        let positions = (0..<tokens).map { $0 % length }

        let queryLatent = try queryDown.map { try $0.forward(x) }
        let normedQuery = try queryNorm.map { try $0.forward(queryLatent ?? x) }
        let queryInput = normedQuery?.output ?? x
        let q = try queryUp.forward(queryInput)
            .reshaped(to: [tokens, c.headCount, c.queryHeadDimension])
        var (qPlain, qRotary) = try FeatureColumns.split(q, at: c.nopeHeadDimension)
        try rotary.rotate(&qRotary, positions: positions)

        var (latent, kRotary) = try FeatureColumns.split(
            keyValueDown.forward(x),
            at: c.keyValueRank
        )
        try rotary.rotate(&kRotary, positions: positions)
        let normedLatent = try keyValueNorm.forward(latent)
        latent = normedLatent.output
        let keyValues = try keyValueUp.forward(latent)
            .reshaped(to: [tokens, c.headCount, c.nopeHeadDimension + c.valueHeadDimension])
        let (kPlain, v) = try FeatureColumns.split(keyValues, at: c.nopeHeadDimension)

        qPlain = try FeatureColumns.join(qPlain, qRotary)
        let attended = try CausalAttention.forward(
            q: qPlain,
            k: try FeatureColumns.join(kPlain, kRotary),
            v: v,
            sequenceCount: sequenceCount,
            scale: scale
        )
        let heads = try attended.output.reshaped(to: [tokens, -1])
        let saved = Saved(
            x: x,
            queryNorm: normedQuery?.saved,
            queryInput: queryInput,
            keyValueNorm: normedLatent.saved,
            latent: latent,
            attention: attended.saved,
            heads: heads,
            positions: positions
        )
        return (try output.forward(heads), saved)
    }

    func backward(
        _ dy: HostTensor,
        _ saved: Saved,
        _ deferred: inout DeferredGradients
    ) throws -> HostTensor {
        let c = configuration
        let tokens = dy.shape[0]
        let dHeads = try output.backward(dy, input: saved.heads, &deferred)
            .reshaped(to: [tokens, c.headCount, c.valueHeadDimension])
        let d = try CausalAttention.inputGradients(dHeads, saved: saved.attention)

        let (dkPlain, dkRotaryHeads) = try FeatureColumns.split(d.k, at: c.nopeHeadDimension)
        var dkRotary = try FeatureColumns.sumOverHeads(dkRotaryHeads)
        try rotary.rotate(&dkRotary, positions: saved.positions, inverse: true)
        let dKeyValues = try FeatureColumns.join(dkPlain, d.v).reshaped(to: [tokens, -1])
        let dLatent = try keyValueNorm.backward(
            keyValueUp.backward(dKeyValues, input: saved.latent, &deferred),
            saved.keyValueNorm,
            &deferred
        )
        let dDown = try FeatureColumns.join(
            dLatent.reshaped(to: [tokens, 1, c.keyValueRank]),
            dkRotary
        ).reshaped(to: [tokens, c.latentWidth])
        var dx = try keyValueDown.backward(dDown, input: saved.x, &deferred)

        let (dqPlain, dqRotated) = try FeatureColumns.split(d.q, at: c.nopeHeadDimension)
        var dqRotary = dqRotated
        try rotary.rotate(&dqRotary, positions: saved.positions, inverse: true)
        let dq = try FeatureColumns.join(dqPlain, dqRotary).reshaped(to: [tokens, -1])
        var dQueryInput = try queryUp.backward(dq, input: saved.queryInput, &deferred)
        if let queryNorm, let queryDown, let normSaved = saved.queryNorm {
            dQueryInput = try queryNorm.backward(dQueryInput, normSaved, &deferred)
            dQueryInput = try queryDown.backward(dQueryInput, input: saved.x, &deferred)
        }
        try Accumulate.add(dQueryInput, to: &dx)
        return dx
    }

    /// The softmax scale, (N + P)^-½; training never stretches the context, so YaRN has no part.
    private var scale: Float { 1 / Float(configuration.queryHeadDimension).squareRoot() }
}
