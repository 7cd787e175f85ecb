/// The shape of a DeepSeek-V3 model, as `config.json` of `model_type` `deepseek_v3` states it.
///
/// Letters used by this module: T tokens of a step, H heads, R the rank of the key-value latent,
/// P width of the rotary part, N width of the part without position, V width of a value, E routed
/// experts. A key absent from the file has the default Hugging Face transformers gives it.
public struct ModelConfiguration: Sendable, Equatable {
    /// How many tokens the vocabulary has; `vocab_size`.
    public var vocabularySize = 129_280
    /// The width of the residual stream; `hidden_size`.
    public var hiddenSize = 7168
    /// The inner width of a dense feed-forward layer; `intermediate_size`.
    public var intermediateSize = 18_432
    /// The inner width of one expert; `moe_intermediate_size`.
    public var moeIntermediateSize = 2048
    /// How many decoder layers there are, without prediction modules; `num_hidden_layers`.
    public var layerCount = 61
    /// How many attention heads a layer has, H; `num_attention_heads`.
    public var headCount = 128
    /// The rank of the query's low-rank projection; `nil` for a full one; `q_lora_rank`.
    public var queryRank: Int? = 1536
    /// The rank of the key-value latent, R; `kv_lora_rank`.
    public var keyValueRank = 512
    /// The width of a head's rotary part, P, even; `qk_rope_head_dim`.
    public var ropeHeadDimension = 64
    /// The width of a head's query and key without position, N; `qk_nope_head_dim`.
    public var nopeHeadDimension = 128
    /// The width of a head's value, V; `v_head_dim`.
    public var valueHeadDimension = 128
    /// How many routed experts an MoE layer has, E; zero makes every layer dense;
    /// `n_routed_experts`.
    public var routedExpertCount = 256
    /// How many experts' widths the shared feed-forward has; zero for none; `n_shared_experts`.
    public var sharedExpertCount = 1
    /// How many routed experts a token visits; `num_experts_per_tok`.
    public var expertsPerToken = 8
    /// In how many groups the experts are divided; `n_group`.
    public var groupCount = 8
    /// From how many groups a token may choose; `topk_group`.
    public var groupsPerToken = 4
    /// Whether a token's expert weights are scaled to sum to one; `norm_topk_prob`.
    public var normalizesExpertWeights = true
    /// What expert weights are multiplied with in the end; `routed_scaling_factor`.
    public var routedScalingFactor = 2.5
    /// How many of the first layers are dense; `first_k_dense_replace`.
    public var leadingDenseLayerCount = 3
    /// Of the others, the multiples of this index are MoE; `moe_layer_freq`.
    public var moeLayerFrequency = 1
    /// How many multi-token prediction modules follow the layers; `num_nextn_predict_layers`.
    public var nextTokenPredictionLayerCount = 0
    /// The longest sequence, in tokens; `max_position_embeddings`.
    public var maxPositionEmbeddings = 4096
    /// Added to the mean square in RMSNorm; `rms_norm_eps`.
    public var normEpsilon = 1e-6
    /// Whether the output head shares the embedding's weights; `tie_word_embeddings`.
    public var tiesWordEmbeddings = false
    /// Whether the first query, first key-value and output projections have a bias;
    /// `attention_bias`.
    public var hasAttentionBias = false
    /// The positions' parameters.
    public var rotary = RotaryConfiguration()
    /// How FP8 weights are scaled; `nil` for weights that are not quantised.
    public var quantization: QuantizationConfiguration?
    /// The standard deviation of fresh weights; `initializer_range`.
    public var initializerRange = 0.02
    /// The token a sequence begins with; `bos_token_id`.
    public var beginningOfSequenceID: Int? = 0
    /// The tokens that end a sequence; `eos_token_id`.
    public var endOfSequenceIDs: [Int] = [1]
    /// The token that fills unused places; `pad_token_id`.
    public var paddingID: Int?

    /// The epsilon of the norms on the low-rank projections, which the architecture fixes
    /// whatever `rms_norm_eps` says.
    public static let latentNormEpsilon = 1e-6

    /// The shape of DeepSeek-V3 itself; change what differs, then call ``validate()``.
    public init() {}

    /// Whether the layer with this index, from zero, is a mixture of experts.
    ///
    /// Prediction modules continue the count at ``layerCount``.
    public func isMixtureOfExperts(layer index: Int) -> Bool {
        routedExpertCount > 0 && index >= leadingDenseLayerCount
            && index.isMultiple(of: moeLayerFrequency)
    }

    /// The width of a head's query and key, N + P.
    public var queryHeadDimension: Int { nopeHeadDimension + ropeHeadDimension }

    /// The width of one token's row in the latent cache, R + P.
    public var latentWidth: Int { keyValueRank + ropeHeadDimension }

    /// The inner width of the shared experts, which run as one feed-forward layer.
    public var sharedIntermediateSize: Int { sharedExpertCount * moeIntermediateSize }
}
