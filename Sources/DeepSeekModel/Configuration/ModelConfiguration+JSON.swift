public import InfraCore

extension ModelConfiguration {
    /// Reads `config.json` of a model folder.
    ///
    /// - Parameter folder: The folder.
    /// - Throws: ``ModelErrorCode/fileFailure`` if it cannot be read, and what
    ///   ``init(json:file:)`` throws.
    public init(folder: String) throws(ModelError) {
        try ModelFile.requireFolder(folder)
        let path = folder + "/config.json"
        let content = try ModelFile.read(path, purpose: "a model folder must hold it")
        try self.init(json: content, file: path)
    }

    /// Reads a configuration from JSON text.
    ///
    /// - Parameters:
    ///   - json: UTF-8 text.
    ///   - file: What to call it in messages.
    /// - Throws: ``ModelErrorCode/malformedFile`` for text that is no JSON or a value of the wrong
    ///   kind, ``ModelErrorCode/unsupported`` for another architecture or variant, and
    ///   ``ModelErrorCode/invalidConfiguration`` for values that do not fit each other.
    public init(json: [UInt8], file: String = "config.json") throws(ModelError) {
        let config = try JSONObject(try JSONParser.parse(json, file: file), location: file)
        guard try config.string("model_type") == "deepseek_v3" else {
            throw config.unsupported("model_type", allowed: "\"deepseek_v3\"")
        }
        self.init()
        try readSizes(config)
        try readExperts(config)
        try readVariants(config)
        try validate()
    }

    private mutating func readSizes(_ config: JSONObject) throws(ModelError) {
        vocabularySize = try config.integer("vocab_size") ?? vocabularySize
        hiddenSize = try config.integer("hidden_size") ?? hiddenSize
        intermediateSize = try config.integer("intermediate_size") ?? intermediateSize
        layerCount = try config.integer("num_hidden_layers") ?? layerCount
        headCount = try config.integer("num_attention_heads") ?? headCount
        // Null is a value of its own here: the query has no low-rank projection then.
        if config.contains("q_lora_rank") { queryRank = try config.integer("q_lora_rank") }
        keyValueRank = try config.integer("kv_lora_rank") ?? keyValueRank
        ropeHeadDimension = try config.integer("qk_rope_head_dim") ?? ropeHeadDimension
        nopeHeadDimension = try config.integer("qk_nope_head_dim") ?? nopeHeadDimension
        valueHeadDimension = try config.integer("v_head_dim") ?? valueHeadDimension
        maxPositionEmbeddings =
            try config.integer("max_position_embeddings") ?? maxPositionEmbeddings
        nextTokenPredictionLayerCount =
            try config.integer("num_nextn_predict_layers", "num_mtp_layers") ?? 0
        if let keyValueHeads = try config.integer("num_key_value_heads"),
            keyValueHeads != headCount
        {
            throw config.unsupported(
                "num_key_value_heads",
                allowed: "num_attention_heads, \(headCount), as latent attention has no groups"
            )
        }
    }

    private mutating func readExperts(_ config: JSONObject) throws(ModelError) {
        moeIntermediateSize = try config.integer("moe_intermediate_size") ?? moeIntermediateSize
        if config.contains("n_routed_experts") || config.contains("num_local_experts") {
            routedExpertCount =
                try config.integer("n_routed_experts", "num_local_experts") ?? 0
        }
        if config.contains("n_shared_experts") {
            sharedExpertCount = try config.integer("n_shared_experts") ?? 0
        }
        expertsPerToken = try config.integer("num_experts_per_tok") ?? expertsPerToken
        // Null turns grouping off: one group, and every token may choose from it.
        if config.contains("n_group") { groupCount = try config.integer("n_group") ?? 1 }
        if config.contains("topk_group") {
            groupsPerToken = try config.integer("topk_group") ?? groupCount
        }
        normalizesExpertWeights = try config.bool("norm_topk_prob") ?? normalizesExpertWeights
        routedScalingFactor = try config.double("routed_scaling_factor") ?? routedScalingFactor
        leadingDenseLayerCount =
            try config.integer("first_k_dense_replace") ?? leadingDenseLayerCount
        moeLayerFrequency = try config.integer("moe_layer_freq") ?? moeLayerFrequency
    }

    private mutating func readVariants(_ config: JSONObject) throws(ModelError) {
        let fixed = [
            ("hidden_act", "silu"), ("scoring_func", "sigmoid"), ("topk_method", "noaux_tc"),
        ]
        for (key, allowed) in fixed where try config.string(key) ?? allowed != allowed {
            throw config.unsupported(key, allowed: "\"\(allowed)\"")
        }
        normEpsilon = try config.double("rms_norm_eps") ?? normEpsilon
        tiesWordEmbeddings = try config.bool("tie_word_embeddings") ?? tiesWordEmbeddings
        hasAttentionBias = try config.bool("attention_bias") ?? hasAttentionBias
        initializerRange = try config.double("initializer_range") ?? initializerRange
        rotary = try RotaryConfiguration(
            config: config,
            maxPositionEmbeddings: maxPositionEmbeddings
        )
        quantization = try config.object("quantization_config").map {
            (object) throws(ModelError) in try QuantizationConfiguration(object)
        }
        if config.contains("bos_token_id") {
            beginningOfSequenceID = try config.integer("bos_token_id")
        }
        if config.contains("eos_token_id") {
            endOfSequenceIDs = try config.integers("eos_token_id") ?? []
        }
        paddingID = try config.integer("pad_token_id")
    }

    /// The configuration as `config.json`, which Hugging Face transformers loads.
    ///
    /// Positions are written in the spelling of transformers 4 and in that of transformers 5.
    ///
    /// - Parameter dtype: What weights the folder holds: `float32`, `bfloat16`.
    public func json(dtype: String = "float32") -> String {
        JSONValue.object(members(dtype: dtype)).indentedText
    }

    /// Writes `config.json` into a folder that exists.
    ///
    /// - Parameters:
    ///   - folder: The folder.
    ///   - dtype: What weights it holds.
    /// - Throws: ``ModelErrorCode/fileFailure``.
    public func write(toFolder folder: String, dtype: String = "float32") throws(ModelError) {
        try ModelFile.write(json(dtype: dtype), to: folder + "/config.json")
    }

    private func members(dtype: String) -> [JSONMember] {
        func optional(_ value: Int?) -> JSONValue { value.map { .integer($0) } ?? .null }
        var members: [JSONMember] = [
            JSONMember("architectures", .array([.string("DeepseekV3ForCausalLM")])),
            JSONMember("model_type", .string("deepseek_v3")),
            JSONMember("attention_bias", .bool(hasAttentionBias)),
            JSONMember("attention_dropout", .number(0)),
            JSONMember("bos_token_id", optional(beginningOfSequenceID)),
            JSONMember("dtype", .string(dtype)),
            JSONMember(
                "eos_token_id",
                endOfSequenceIDs.count > 1
                    ? .array(endOfSequenceIDs.map { .integer($0) })
                    : optional(endOfSequenceIDs.first)
            ),
            JSONMember("first_k_dense_replace", .integer(leadingDenseLayerCount)),
            JSONMember("hidden_act", .string("silu")),
            JSONMember("hidden_size", .integer(hiddenSize)),
            JSONMember("initializer_range", .number(initializerRange)),
            JSONMember("intermediate_size", .integer(intermediateSize)),
            JSONMember("kv_lora_rank", .integer(keyValueRank)),
            JSONMember("max_position_embeddings", .integer(maxPositionEmbeddings)),
            JSONMember("moe_intermediate_size", .integer(moeIntermediateSize)),
            JSONMember("moe_layer_freq", .integer(moeLayerFrequency)),
            JSONMember("n_group", .integer(groupCount)),
            JSONMember("n_routed_experts", .integer(routedExpertCount)),
            JSONMember("n_shared_experts", .integer(sharedExpertCount)),
            JSONMember("norm_topk_prob", .bool(normalizesExpertWeights)),
            JSONMember("num_attention_heads", .integer(headCount)),
            JSONMember("num_experts_per_tok", .integer(expertsPerToken)),
            JSONMember("num_hidden_layers", .integer(layerCount)),
            JSONMember("num_key_value_heads", .integer(headCount)),
            JSONMember("num_nextn_predict_layers", .integer(nextTokenPredictionLayerCount)),
            JSONMember("pad_token_id", optional(paddingID)),
            JSONMember("q_lora_rank", optional(queryRank)),
            JSONMember("qk_nope_head_dim", .integer(nopeHeadDimension)),
            JSONMember("qk_rope_head_dim", .integer(ropeHeadDimension)),
        ]
        if let quantization {
            members.append(JSONMember("quantization_config", quantization.value))
        }
        members.append(JSONMember("rms_norm_eps", .number(normEpsilon)))
        members += rotary.members
        members += [
            JSONMember("routed_scaling_factor", .number(routedScalingFactor)),
            JSONMember("scoring_func", .string("sigmoid")),
            JSONMember("tie_word_embeddings", .bool(tiesWordEmbeddings)),
            JSONMember("topk_group", .integer(groupsPerToken)),
            JSONMember("topk_method", .string("noaux_tc")),
            JSONMember("use_cache", .bool(true)),
            JSONMember("v_head_dim", .integer(valueHeadDimension)),
            JSONMember("vocab_size", .integer(vocabularySize)),
        ]
        return members
    }
}
