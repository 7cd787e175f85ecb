import InfraCore
import Operators
import Tensors

/// Builds the parts of a model from named tensors.
struct WeightLoader {
    private let configuration: ModelConfiguration
    private let weights: WeightFolder
    private let shapes: [String: [Int]]
    private let rotary: RotaryEmbedding
    private let router: ExpertRouter?
    private let scale: Float

    init(
        _ configuration: ModelConfiguration,
        weights: WeightFolder,
        shapes: [String: [Int]]
    ) throws(ModelError) {
        self.configuration = configuration
        self.weights = weights
        self.shapes = shapes
        do throws(OperatorError) {
            rotary = try configuration.makeRotaryEmbedding()
            router = try configuration.makeRouter()
        } catch {
            throw ModelError(.invalidConfiguration, error.message, cause: error.cause)
        }
        scale = configuration.softmaxScale
    }

    /// A tensor of the catalog, in float32.
    func tensor(_ name: String) throws(ModelError) -> HostTensor {
        guard let shape = shapes[name] else {
            throw ModelError(.missingTensor, "config.json asks for no tensor \(name)")
        }
        return try weights.float32(name, shape: shape)
    }

    private func optional(_ name: String) throws(ModelError) -> HostTensor? {
        shapes[name] == nil ? nil : try tensor(name)
    }

    func layer(_ index: Int) throws(ModelError) -> DecoderLayer {
        let prefix = WeightCatalog.prefix(layer: index)
        return DecoderLayer(
            attentionNorm: try tensor(prefix + "input_layernorm.weight"),
            attention: try attention(prefix + "self_attn."),
            bodyNorm: try tensor(prefix + "post_attention_layernorm.weight"),
            body: try body(index, prefix + "mlp.")
        )
    }

    func predictionModule(_ index: Int) throws(ModelError) -> PredictionModule {
        let prefix = WeightCatalog.prefix(layer: index)
        return PredictionModule(
            embeddingNorm: try tensor(prefix + "enorm.weight"),
            hiddenNorm: try tensor(prefix + "hnorm.weight"),
            projection: try tensor(prefix + "eh_proj.weight"),
            layer: try layer(index),
            outputNorm: try tensor(prefix + "shared_head.norm.weight")
        )
    }

    private func attention(_ prefix: String) throws(ModelError) -> LatentAttention {
        let query: LatentAttention.Query
        if configuration.queryRank != nil {
            query = .lowRank(
                down: try tensor(prefix + "q_a_proj.weight"),
                bias: try optional(prefix + "q_a_proj.bias"),
                norm: try tensor(prefix + "q_a_layernorm.weight"),
                up: try tensor(prefix + "q_b_proj.weight")
            )
        } else {
            query = .direct(try tensor(prefix + "q_proj.weight"))
        }
        let expansion = try splitExpansion(try tensor(prefix + "kv_b_proj.weight"))
        return LatentAttention(
            configuration: configuration,
            query: query,
            latent: try tensor(prefix + "kv_a_proj_with_mqa.weight"),
            latentBias: try optional(prefix + "kv_a_proj_with_mqa.bias"),
            latentNorm: try tensor(prefix + "kv_a_layernorm.weight"),
            keyExpansion: expansion.key,
            valueExpansion: expansion.value,
            output: try tensor(prefix + "o_proj.weight"),
            outputBias: try optional(prefix + "o_proj.bias"),
            rotary: rotary,
            scale: scale
        )
    }

    /// Cuts `kv_b_proj`, `[H * (N + V), R]`, into W_UK `[H, N, R]` and W_UV `[H, V, R]`.
    private func splitExpansion(
        _ weight: HostTensor
    ) throws(ModelError) -> (key: HostTensor, value: HostTensor) {
        let c = configuration
        do throws(TensorError) {
            let heads = try weight.reshaped(
                to: [c.headCount, c.nopeHeadDimension + c.valueHeadDimension, c.keyValueRank]
            )
            return (
                try heads.slice(axis: 1, from: 0, count: c.nopeHeadDimension).contiguous(),
                try heads.slice(axis: 1, from: c.nopeHeadDimension, count: c.valueHeadDimension)
                    .contiguous()
            )
        } catch {
            throw ModelError(.misshapenTensor, error.message, cause: error.cause)
        }
    }

    private func body(_ index: Int, _ prefix: String) throws(ModelError) -> DecoderLayer.Body {
        guard configuration.isMixtureOfExperts(layer: index), let router else {
            return .dense(try feedForward(prefix))
        }
        var experts: [FeedForward] = []
        for expert in 0..<configuration.routedExpertCount {
            experts.append(try feedForward(prefix + "experts.\(expert)."))
        }
        return .experts(
            MixtureOfExperts(
                gate: try tensor(prefix + "gate.weight"),
                correctionBias: try tensor(prefix + "gate.e_score_correction_bias"),
                router: router,
                experts: experts,
                shared: configuration.sharedExpertCount > 0
                    ? try feedForward(prefix + "shared_experts.") : nil
            )
        )
    }

    private func feedForward(_ prefix: String) throws(ModelError) -> FeedForward {
        FeedForward(
            gate: try tensor(prefix + "gate_proj.weight"),
            up: try tensor(prefix + "up_proj.weight"),
            down: try tensor(prefix + "down_proj.weight")
        )
    }
}
