public import InfraCore
import Tensors

/// The names and shapes of a model's tensors, as Hugging Face checkpoints spell them.
///
/// One list serves loading, checking and writing.
public struct WeightCatalog: Sendable {
    /// The shape of each tensor, by name.
    public private(set) var shapes: [String: [Int]] = [:]
    private let configuration: ModelConfiguration
    private let predictionLayerCount: Int

    /// Lists the tensors of a model.
    ///
    /// - Parameters:
    ///   - configuration: The model's shape.
    ///   - predictionLayerCount: How many prediction modules to list; `nil` for all.
    public init(_ configuration: ModelConfiguration, predictionLayerCount: Int? = nil) {
        self.configuration = configuration
        let c = configuration
        self.predictionLayerCount = predictionLayerCount ?? c.nextTokenPredictionLayerCount
        shapes[Self.embedding] = [c.vocabularySize, c.hiddenSize]
        shapes[Self.finalNorm] = [c.hiddenSize]
        if !c.tiesWordEmbeddings { shapes[Self.head] = [c.vocabularySize, c.hiddenSize] }
        for layer in 0..<c.layerCount { addLayer(layer) }
        for module in 0..<self.predictionLayerCount {
            addPrediction(c.layerCount + module)
        }
    }

    /// The embedding table, `[vocabulary, hidden]`.
    public static let embedding = "model.embed_tokens.weight"
    /// The norm before the output head, `[hidden]`.
    public static let finalNorm = "model.norm.weight"
    /// The output head, `[vocabulary, hidden]`; absent if tied to the embedding.
    public static let head = "lm_head.weight"

    /// What the names of a layer's tensors begin with.
    public static func prefix(layer: Int) -> String { "model.layers.\(layer)." }

    private mutating func addPrediction(_ layer: Int) {
        let prefix = Self.prefix(layer: layer)
        let hidden = configuration.hiddenSize
        shapes[prefix + "enorm.weight"] = [hidden]
        shapes[prefix + "hnorm.weight"] = [hidden]
        shapes[prefix + "eh_proj.weight"] = [hidden, 2 * hidden]
        shapes[prefix + "shared_head.norm.weight"] = [hidden]
        addLayer(layer)
    }

    private mutating func addLayer(_ layer: Int) {
        let c = configuration
        let prefix = Self.prefix(layer: layer)
        shapes[prefix + "input_layernorm.weight"] = [c.hiddenSize]
        shapes[prefix + "post_attention_layernorm.weight"] = [c.hiddenSize]
        addAttention(prefix + "self_attn.")
        guard c.isMixtureOfExperts(layer: layer) else {
            addFeedForward(prefix + "mlp.", width: c.intermediateSize)
            return
        }
        shapes[prefix + "mlp.gate.weight"] = [c.routedExpertCount, c.hiddenSize]
        shapes[prefix + "mlp.gate.e_score_correction_bias"] = [c.routedExpertCount]
        for expert in 0..<c.routedExpertCount {
            addFeedForward(prefix + "mlp.experts.\(expert).", width: c.moeIntermediateSize)
        }
        if c.sharedExpertCount > 0 {
            addFeedForward(prefix + "mlp.shared_experts.", width: c.sharedIntermediateSize)
        }
    }

    private mutating func addAttention(_ prefix: String) {
        let c = configuration
        let queryWidth = c.headCount * c.queryHeadDimension
        if let rank = c.queryRank {
            shapes[prefix + "q_a_proj.weight"] = [rank, c.hiddenSize]
            shapes[prefix + "q_a_layernorm.weight"] = [rank]
            shapes[prefix + "q_b_proj.weight"] = [queryWidth, rank]
            if c.hasAttentionBias { shapes[prefix + "q_a_proj.bias"] = [rank] }
        } else {
            shapes[prefix + "q_proj.weight"] = [queryWidth, c.hiddenSize]
        }
        shapes[prefix + "kv_a_proj_with_mqa.weight"] = [c.latentWidth, c.hiddenSize]
        shapes[prefix + "kv_a_layernorm.weight"] = [c.keyValueRank]
        let expandedWidth = c.headCount * (c.nopeHeadDimension + c.valueHeadDimension)
        shapes[prefix + "kv_b_proj.weight"] = [expandedWidth, c.keyValueRank]
        shapes[prefix + "o_proj.weight"] = [c.hiddenSize, c.headCount * c.valueHeadDimension]
        if c.hasAttentionBias {
            shapes[prefix + "kv_a_proj_with_mqa.bias"] = [c.latentWidth]
            shapes[prefix + "o_proj.bias"] = [c.hiddenSize]
        }
    }

    private mutating func addFeedForward(_ prefix: String, width: Int) {
        let hidden = configuration.hiddenSize
        shapes[prefix + "gate_proj.weight"] = [width, hidden]
        shapes[prefix + "up_proj.weight"] = [width, hidden]
        shapes[prefix + "down_proj.weight"] = [hidden, width]
    }

    /// How many numbers the model has.
    public var parameterCount: Int { shapes.values.reduce(0) { $0 + $1.reduce(1, *) } }

    /// How many of them one token passes through: all but the routed experts it does not visit,
    /// and of the embedding table one row.
    public var activatedParameterCount: Int {
        let c = configuration
        let layers = (0..<c.layerCount + predictionLayerCount)
            .count(where: c.isMixtureOfExperts(layer:))
        let idle = c.routedExpertCount - min(c.expertsPerToken, c.routedExpertCount)
        let unread = c.tiesWordEmbeddings ? 0 : (c.vocabularySize - 1) * c.hiddenSize
        return parameterCount - layers * idle * 3 * c.moeIntermediateSize * c.hiddenSize - unread
    }

    /// How many tensors an error lists before it only counts.
    static let listedProblemCount = 5

    /// Checks that a folder holds every tensor in its shape.
    ///
    /// - Throws: ``ModelErrorCode/missingTensor`` or ``ModelErrorCode/misshapenTensor``: one
    ///   error that names the first tensors concerned and counts the others.
    public func check(_ folder: WeightFolder) throws(ModelError) {
        var missing: [String] = []
        var misshapen: [String] = []
        for (name, shape) in shapes.sorted(by: { $0.key < $1.key }) {
            guard let entry = folder.entry(named: name) else {
                missing.append(name)
                continue
            }
            if entry.shape != shape {
                misshapen.append("\(name) has shape \(entry.shape) instead of \(shape)")
            }
        }
        if !missing.isEmpty {
            throw ModelError(
                .missingTensor,
                "\(folder.path) lacks \(missing.count) of the \(shapes.count) tensors config.json "
                    + "asks for: \(Self.listing(missing))"
            )
        }
        if !misshapen.isEmpty {
            throw ModelError(
                .misshapenTensor,
                "\(misshapen.count) tensors of \(folder.path) do not fit config.json: "
                    + Self.listing(misshapen)
            )
        }
    }

    private static func listing(_ names: [String]) -> String {
        let rest = names.count - listedProblemCount
        return names.prefix(listedProblemCount).joined(separator: ", ")
            + (rest > 0 ? ", and \(rest) more" : "")
    }
}
