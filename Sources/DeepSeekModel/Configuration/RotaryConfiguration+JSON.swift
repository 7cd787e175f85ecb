import InfraCore

extension RotaryConfiguration {
    /// Reads both spellings: `rope_theta` and `rope_scaling` of transformers 4 and of DeepSeek's
    /// own files, and `rope_parameters` of transformers 5. As there, `rope_scaling` wins.
    init(config: JSONObject, maxPositionEmbeddings: Int) throws(ModelError) {
        let parameters: JSONObject?
        if let scaling = try config.object("rope_scaling"), !scaling.members.isEmpty {
            parameters = scaling
        } else {
            parameters = try config.object("rope_parameters")
        }
        var theta = try config.double("rope_theta") ?? 10_000
        var yarn: YaRN?
        if let parameters {
            theta = try parameters.double("rope_theta") ?? theta
            let typeKey = parameters["rope_type"] != nil ? "rope_type" : "type"
            switch try parameters.string(typeKey) ?? "default" {
            case "default": break
            case "yarn":
                yarn = try YaRN(parameters, maxPositionEmbeddings: maxPositionEmbeddings)
            default: throw parameters.unsupported(typeKey, allowed: "\"default\", \"yarn\"")
            }
            let partial = try parameters.double("partial_rotary_factor") ?? 1
            guard partial == 1 else {
                throw parameters.unsupported("partial_rotary_factor", allowed: "1")
            }
        }
        guard theta > 1 else {
            throw ModelError(
                .invalidConfiguration,
                "\(config.location): rope_theta is \(theta); it must be above 1"
            )
        }
        self.init(
            theta: theta,
            yarn: yarn,
            isInterleaved: try config.bool("rope_interleave") ?? true
        )
    }

    /// The members of `config.json` in both spellings, so that every reader finds its own.
    var members: [JSONMember] {
        var parameters = [JSONMember("rope_theta", .number(theta))]
        if let yarn {
            parameters.append(JSONMember("rope_type", .string("yarn")))
            parameters += yarn.members
        } else {
            parameters.append(JSONMember("rope_type", .string("default")))
        }
        return [
            JSONMember("rope_interleave", .bool(isInterleaved)),
            JSONMember("rope_parameters", .object(parameters)),
            JSONMember(
                "rope_scaling",
                yarn.map { .object([JSONMember("type", .string("yarn"))] + $0.members) } ?? .null
            ),
            JSONMember("rope_theta", .number(theta)),
        ]
    }
}

extension RotaryConfiguration.YaRN {
    init(_ parameters: JSONObject, maxPositionEmbeddings: Int) throws(ModelError) {
        let original =
            try parameters.integer("original_max_position_embeddings") ?? maxPositionEmbeddings
        guard original > 0 else {
            throw ModelError(
                .invalidConfiguration,
                "\(parameters.path("original_max_position_embeddings")) is \(original); "
                    + "it must be positive"
            )
        }
        // A null factor means the ratio of the two context lengths.
        let factor =
            try parameters.double("factor")
            ?? Double(maxPositionEmbeddings) / Double(original)
        guard factor >= 1 else {
            throw ModelError(
                .invalidConfiguration,
                "\(parameters.path("factor")) is \(factor); it must be at least 1"
            )
        }
        self.init(
            factor: factor,
            originalMaxPositionEmbeddings: original,
            betaFast: try parameters.double("beta_fast") ?? 32,
            betaSlow: try parameters.double("beta_slow") ?? 1,
            mscale: try parameters.double("mscale"),
            mscaleAllDim: try parameters.double("mscale_all_dim"),
            attentionFactor: try parameters.double("attention_factor"),
            truncate: try parameters.bool("truncate") ?? true
        )
    }

    var members: [JSONMember] {
        var members = [
            JSONMember("factor", .number(factor)),
            JSONMember("original_max_position_embeddings", .integer(originalMaxPositionEmbeddings)),
            JSONMember("beta_fast", .number(betaFast)),
            JSONMember("beta_slow", .number(betaSlow)),
        ]
        if let mscale { members.append(JSONMember("mscale", .number(mscale))) }
        if let mscaleAllDim { members.append(JSONMember("mscale_all_dim", .number(mscaleAllDim))) }
        if let attentionFactor {
            members.append(JSONMember("attention_factor", .number(attentionFactor)))
        }
        if !truncate { members.append(JSONMember("truncate", .bool(false))) }
        return members
    }
}
