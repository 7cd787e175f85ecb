public import InfraCore

extension ModelConfiguration {
    /// Checks every value and every relation between values.
    ///
    /// - Throws: ``ModelErrorCode/invalidConfiguration``, naming the key of `config.json`, the
    ///   value found and what is allowed.
    public func validate() throws(ModelError) {
        let positive: [(String, Int)] = [
            ("vocab_size", vocabularySize), ("hidden_size", hiddenSize),
            ("intermediate_size", intermediateSize), ("num_hidden_layers", layerCount),
            ("num_attention_heads", headCount), ("kv_lora_rank", keyValueRank),
            ("qk_rope_head_dim", ropeHeadDimension), ("qk_nope_head_dim", nopeHeadDimension),
            ("v_head_dim", valueHeadDimension), ("max_position_embeddings", maxPositionEmbeddings),
            ("moe_layer_freq", moeLayerFrequency),
        ]
        for (key, value) in positive where value <= 0 {
            throw Self.invalid(key, "\(value)", "a positive integer")
        }
        let natural: [(String, Int)] = [
            ("n_routed_experts", routedExpertCount), ("n_shared_experts", sharedExpertCount),
            ("first_k_dense_replace", leadingDenseLayerCount),
            ("num_nextn_predict_layers", nextTokenPredictionLayerCount),
        ]
        for (key, value) in natural where value < 0 {
            throw Self.invalid(key, "\(value)", "zero or a positive integer")
        }
        if let queryRank, queryRank <= 0 {
            throw Self.invalid("q_lora_rank", "\(queryRank)", "a positive integer or null")
        }
        guard ropeHeadDimension.isMultiple(of: 2) else {
            throw Self.invalid("qk_rope_head_dim", "\(ropeHeadDimension)", "an even integer")
        }
        guard normEpsilon > 0 else {
            throw Self.invalid("rms_norm_eps", "\(normEpsilon)", "a positive number")
        }
        let identifiers =
            [("bos_token_id", beginningOfSequenceID), ("pad_token_id", paddingID)]
            + endOfSequenceIDs.map { ("eos_token_id", $0) }
        for (key, value) in identifiers {
            // Negative identifiers stand for "none" in some files; larger ones would never match.
            guard let value, value >= vocabularySize else { continue }
            throw Self.invalid(key, "\(value)", "below vocab_size \(vocabularySize)")
        }
        let layers = 0..<layerCount + nextTokenPredictionLayerCount
        if layers.contains(where: isMixtureOfExperts(layer:)) { try validateExperts() }
    }

    private func validateExperts() throws(ModelError) {
        guard moeIntermediateSize > 0 else {
            throw Self.invalid("moe_intermediate_size", "\(moeIntermediateSize)", "positive")
        }
        guard groupCount > 0, routedExpertCount.isMultiple(of: groupCount) else {
            throw Self.invalid(
                "n_group",
                "\(groupCount)",
                "a positive divisor of n_routed_experts \(routedExpertCount)"
            )
        }
        let groupSize = routedExpertCount / groupCount
        guard groupSize >= 2 else {
            throw Self.invalid(
                "n_group",
                "\(groupCount)",
                "at most half of n_routed_experts \(routedExpertCount), because a group is ranked "
                    + "by its two best experts"
            )
        }
        guard (1...groupCount).contains(groupsPerToken) else {
            throw Self.invalid("topk_group", "\(groupsPerToken)", "1 to n_group \(groupCount)")
        }
        guard (1...groupSize * groupsPerToken).contains(expertsPerToken) else {
            throw Self.invalid(
                "num_experts_per_tok",
                "\(expertsPerToken)",
                "1 to \(groupSize * groupsPerToken), the experts of topk_group \(groupsPerToken) "
                    + "groups"
            )
        }
    }

    private static func invalid(_ key: String, _ found: String, _ allowed: String) -> ModelError {
        ModelError(.invalidConfiguration, "config.json: \(key) is \(found); it must be \(allowed)")
    }
}
