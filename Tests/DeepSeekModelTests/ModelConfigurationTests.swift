import DeepSeekModel
import InfraCore
import Testing

@Suite("Model configuration")
struct ModelConfigurationTests {
    @Test("what is written is read back", arguments: Fixtures.models)
    func roundTrip(name: String) throws {
        let configuration = try ModelConfiguration(folder: Fixtures.model(name))
        let again = try ModelConfiguration(json: Array(configuration.json().utf8))
        #expect(again == configuration)
        let folder = try ScratchFolder()
        try configuration.write(toFolder: folder.path)
        #expect(try ModelConfiguration(folder: folder.path) == configuration)
    }

    @Test("DeepSeek-V3's own file gives DeepSeek-V3's shape")
    func deepSeekV3() throws {
        let configuration = try ModelConfiguration(json: Array(Self.deepSeekV3JSON.utf8))
        var expected = ModelConfiguration()
        expected.nextTokenPredictionLayerCount = 1
        expected.maxPositionEmbeddings = 163_840
        expected.quantization = QuantizationConfiguration(weightBlockSize: [128, 128])
        expected.rotary = RotaryConfiguration(
            theta: 10_000,
            yarn: RotaryConfiguration.YaRN(
                factor: 40,
                originalMaxPositionEmbeddings: 4096,
                mscale: 1,
                mscaleAllDim: 1
            )
        )
        #expect(configuration == expected)
        #expect(configuration.latentWidth == 576)
        #expect(!configuration.isMixtureOfExperts(layer: 2))
        #expect(configuration.isMixtureOfExperts(layer: 3))
        #expect(configuration.isMixtureOfExperts(layer: 61))
    }

    @Test("both spellings of the positions mean the same")
    func spellings() throws {
        let old = try read(
            """
            "rope_theta": 5000, "max_position_embeddings": 400,
            "rope_scaling": {"type": "yarn", "factor": 4, "original_max_position_embeddings": 100,
              "mscale": 0.5, "mscale_all_dim": 0.25, "beta_fast": 16, "beta_slow": 2}
            """
        )
        let new = try read(
            """
            "max_position_embeddings": 400,
            "rope_parameters": {"rope_type": "yarn", "rope_theta": 5000, "factor": null,
              "original_max_position_embeddings": 100, "mscale": 0.5, "mscale_all_dim": 0.25,
              "beta_fast": 16, "beta_slow": 2}
            """
        )
        #expect(old == new)
        #expect(old.rotary.yarn?.factor == 4)
        #expect(old.rotary.theta == 5000)
    }

    @Test("absent and null keys have the meaning transformers gives them")
    func absent() throws {
        #expect(try read("").queryRank == 1536)
        #expect(try read(#""q_lora_rank": null"#).queryRank == nil)
        #expect(try read(#""n_routed_experts": null"#).routedExpertCount == 0)
        #expect(try read(#""n_shared_experts": null"#).sharedExpertCount == 0)
        let ungrouped = try read(#""n_group": null, "topk_group": null"#)
        #expect(ungrouped.groupCount == 1)
        #expect(ungrouped.groupsPerToken == 1)
        #expect(try read(#""eos_token_id": [1, 5]"#).endOfSequenceIDs == [1, 5])
        #expect(try read(#""eos_token_id": null"#).endOfSequenceIDs == [])
        #expect(try read(#""rope_scaling": null"#).rotary == RotaryConfiguration())
        #expect(try read(#""num_mtp_layers": 2"#).nextTokenPredictionLayerCount == 2)
    }

    @Test(
        "what is not supported is refused, naming key, value and what is allowed",
        arguments: [
            (#""model_type": "llama""#, "model_type is \"llama\"", "\"deepseek_v3\""),
            (#""hidden_act": "gelu""#, "hidden_act is \"gelu\"", "\"silu\""),
            (#""scoring_func": "softmax""#, "scoring_func is \"softmax\"", "\"sigmoid\""),
            (#""topk_method": "greedy""#, "topk_method is \"greedy\"", "\"noaux_tc\""),
            (#""num_key_value_heads": 8"#, "num_key_value_heads is 8", "128"),
            (
                #""rope_scaling": {"type": "linear", "factor": 2}"#,
                "rope_scaling.type is \"linear\"", "\"yarn\""
            ),
            (
                #""rope_parameters": {"rope_type": "llama3"}"#, "rope_parameters.rope_type",
                "\"yarn\""
            ),
            (
                #""rope_parameters": {"partial_rotary_factor": 0.5}"#,
                "partial_rotary_factor is 0.5", "1"
            ),
            (
                #""quantization_config": {"quant_method": "awq"}"#, "quant_method is \"awq\"",
                "\"fp8\""
            ),
            (
                #""quantization_config": {"quant_method": "fp8", "fmt": "e5m2"}"#,
                "fmt is \"e5m2\"", "e4m3"
            ),
            (
                #""quantization_config": {"quant_method": "fp8", "weight_block_size": [128]}"#,
                "weight_block_size is [128]", "two positive integers"
            ),
        ]
    )
    func unsupported(members: String, found: String, allowed: String) throws {
        let error = #expect(throws: ModelError.self) { try read(members) }
        #expect(error?.code == .unsupported)
        #expect(error?.message.contains(found) == true, "\(error?.message ?? "")")
        #expect(error?.message.contains(allowed) == true, "\(error?.message ?? "")")
    }

    @Test(
        "values that fit nothing are refused, naming key, value and what is allowed",
        arguments: [
            (#""vocab_size": 0"#, "vocab_size is 0"), (#""hidden_size": -1"#, "hidden_size is -1"),
            (#""q_lora_rank": 0"#, "q_lora_rank is 0"),
            (#""qk_rope_head_dim": 63"#, "qk_rope_head_dim is 63"),
            (#""rms_norm_eps": 0"#, "rms_norm_eps is 0.0"), (#""n_group": 7"#, "n_group is 7"),
            (#""n_group": 256"#, "n_group is 256"), (#""topk_group": 9"#, "topk_group is 9"),
            (#""num_experts_per_tok": 129"#, "num_experts_per_tok is 129"),
            (#""moe_intermediate_size": 0"#, "moe_intermediate_size is 0"),
            (#""n_shared_experts": -1"#, "n_shared_experts is -1"),
            (#""bos_token_id": 200000"#, "bos_token_id is 200000"),
            (#""eos_token_id": [1, 129280]"#, "eos_token_id is 129280"),
            (#""rope_theta": 0"#, "rope_theta is 0.0"),
            (#""rope_scaling": {"type": "yarn", "factor": 0.5}"#, "rope_scaling.factor is 0.5"),
            (
                #""rope_scaling": {"type": "yarn", "original_max_position_embeddings": 0}"#,
                "original_max_position_embeddings is 0"
            ),
        ]
    )
    func invalid(members: String, found: String) throws {
        let error = #expect(throws: ModelError.self) { try read(members) }
        #expect(error?.code == .invalidConfiguration)
        #expect(error?.message.contains(found) == true, "\(error?.message ?? "")")
    }

    @Test(
        "a value of the wrong kind is refused, naming key and kinds",
        arguments: [
            (
                #""hidden_size": "wide""#,
                "hidden_size is \"wide\" (a string); it must be an integer"
            ),
            (#""rms_norm_eps": "x""#, "rms_norm_eps is \"x\" (a string); it must be a number"),
            (#""norm_topk_prob": 1"#, "norm_topk_prob is 1 (an integer); it must be true or false"),
            (#""rope_scaling": 3"#, "rope_scaling is 3 (an integer); it must be an object"),
            (#""hidden_act": 3"#, "hidden_act is 3 (an integer); it must be a string"),
            (#""eos_token_id": ["a"]"#, "must be an integer or a list of integers"),
        ]
    )
    func wrongKind(members: String, message: String) throws {
        let error = #expect(throws: ModelError.self) { try read(members) }
        #expect(error?.code == .malformedFile)
        #expect(error?.message.contains(message) == true, "\(error?.message ?? "")")
    }

    private func read(_ members: String) throws -> ModelConfiguration {
        let type = members.contains("model_type") ? "" : #""model_type": "deepseek_v3""#
        let separator = type.isEmpty || members.isEmpty ? "" : ", "
        return try ModelConfiguration(json: Array("{\(type)\(separator)\(members)}".utf8))
    }

    private static let deepSeekV3JSON = """
        {
          "architectures": ["DeepseekV3ForCausalLM"], "attention_bias": false,
          "attention_dropout": 0.0, "bos_token_id": 0, "eos_token_id": 1, "ep_size": 1,
          "first_k_dense_replace": 3, "hidden_act": "silu", "hidden_size": 7168,
          "initializer_range": 0.02, "intermediate_size": 18432, "kv_lora_rank": 512,
          "max_position_embeddings": 163840, "model_type": "deepseek_v3",
          "moe_intermediate_size": 2048, "moe_layer_freq": 1, "n_group": 8,
          "n_routed_experts": 256, "n_shared_experts": 1, "norm_topk_prob": true,
          "num_attention_heads": 128, "num_experts_per_tok": 8, "num_hidden_layers": 61,
          "num_key_value_heads": 128, "num_nextn_predict_layers": 1, "q_lora_rank": 1536,
          "qk_nope_head_dim": 128, "qk_rope_head_dim": 64,
          "quantization_config": {"activation_scheme": "dynamic", "fmt": "e4m3",
            "quant_method": "fp8", "weight_block_size": [128, 128]},
          "rms_norm_eps": 1e-06,
          "rope_scaling": {"beta_fast": 32, "beta_slow": 1, "factor": 40, "mscale": 1.0,
            "mscale_all_dim": 1.0, "original_max_position_embeddings": 4096, "type": "yarn"},
          "rope_theta": 10000, "routed_scaling_factor": 2.5, "scoring_func": "sigmoid",
          "tie_word_embeddings": false, "topk_group": 4, "topk_method": "noaux_tc",
          "torch_dtype": "bfloat16", "transformers_version": "4.33.1", "use_cache": true,
          "v_head_dim": 128, "vocab_size": 129280
        }
        """
}
