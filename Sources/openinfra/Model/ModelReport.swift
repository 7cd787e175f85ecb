import DeepSeekModel
import InfraCore
import Tensors

/// The figures of `openinfra model info`.
struct ModelReport: Encodable {
    var layers: Int
    var mixtureLayers: Int
    var hiddenSize: Int
    var heads: Int
    var vocabulary: Int
    var maxPositions: Int
    var routedExperts: Int
    var expertsPerToken: Int
    var sharedExperts: Int
    var predictionModules: Int
    /// Of the layers, without prediction modules.
    var parameters: Int
    /// Those one token passes through.
    var activatedParameters: Int
    /// Numbers one token leaves in the cache of all layers.
    var cacheRowElements: Int
    /// The dtypes of the weights with their tensor counts; absent without weights.
    var weights: [String: Int]?
    var weightBytes: Int?

    init(_ folder: ModelFolder) throws {
        let configuration = try folder.configuration()
        let catalog = WeightCatalog(configuration, predictionLayerCount: 0)
        layers = configuration.layerCount
        mixtureLayers = (0..<layers).count { configuration.isMixtureOfExperts(layer: $0) }
        hiddenSize = configuration.hiddenSize
        heads = configuration.headCount
        vocabulary = configuration.vocabularySize
        maxPositions = configuration.maxPositionEmbeddings
        routedExperts = mixtureLayers > 0 ? configuration.routedExpertCount : 0
        expertsPerToken = mixtureLayers > 0 ? configuration.expertsPerToken : 0
        sharedExperts = mixtureLayers > 0 ? configuration.sharedExpertCount : 0
        predictionModules = configuration.nextTokenPredictionLayerCount
        parameters = catalog.parameterCount
        activatedParameters = catalog.activatedParameterCount
        cacheRowElements = configuration.latentWidth * layers
        guard folder.hasWeights else { return }
        let files = try folder.weights()
        var counts: [String: Int] = [:]
        for name in files.names {
            if let entry = files.entry(named: name) { counts[entry.dtypeName, default: 0] += 1 }
        }
        weights = counts
        weightBytes = files.byteCount
    }

    /// One figure a line.
    var table: String {
        var lines = [
            ("layers", "\(layers), \(mixtureLayers) of them mixtures of experts"),
            ("hidden size", "\(hiddenSize)"), ("attention heads", "\(heads)"),
            (
                "experts",
                "\(routedExperts) routed, \(expertsPerToken) per token, \(sharedExperts) shared"
            ),
            ("prediction modules", "\(predictionModules)"), ("vocabulary", "\(vocabulary)"),
            ("longest sequence", "\(maxPositions) tokens"),
            ("parameters", "\(parameters), \(activatedParameters) of them activated per token"),
            ("latent cache", "\(cacheRowElements) numbers per token"),
        ]
        if let weights, let weightBytes {
            let dtypes = weights.sorted { $0.key < $1.key }.map { "\($0.value) \($0.key)" }
            lines.append(
                ("weights", "\(dtypes.joined(separator: ", ")); \(weightBytes) bytes")
            )
        } else {
            lines.append(("weights", "none in this folder"))
        }
        let width = lines.map(\.0.count).max() ?? 0
        return lines.map { name, value in
            name + String(repeating: " ", count: width - name.count + 2) + value
        }.joined(separator: "\n")
    }
}
