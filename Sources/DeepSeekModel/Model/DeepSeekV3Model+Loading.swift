public import InfraCore
import Operators
import Tensors

extension DeepSeekV3Model {
    /// Loads a model folder: `config.json` and safetensors files.
    ///
    /// Everything is converted to float32, FP8 weights with their factors. Prediction modules are
    /// loaded where the files have them.
    ///
    /// - Parameter folder: The folder.
    /// - Throws: ``ModelErrorCode/fileFailure``, ``ModelErrorCode/malformedFile``,
    ///   ``ModelErrorCode/unsupported``, ``ModelErrorCode/invalidConfiguration``,
    ///   ``ModelErrorCode/missingTensor``, ``ModelErrorCode/misshapenTensor``.
    public init(folder: String) throws(ModelError) {
        let configuration = try ModelConfiguration(folder: folder)
        let weights = try WeightFolder(path: folder, quantization: configuration.quantization)
        try self.init(configuration, weights: weights)
    }

    /// Loads a model's tensors.
    ///
    /// - Parameters:
    ///   - configuration: The model's shape.
    ///   - weights: The tensors, under their Hugging Face names.
    /// - Throws: ``ModelErrorCode/missingTensor`` or ``ModelErrorCode/misshapenTensor``, naming
    ///   the tensors.
    public init(
        _ configuration: ModelConfiguration,
        weights: WeightFolder
    ) throws(ModelError) {
        try configuration.validate()
        // transformers writes a count of one into files that hold no module.
        let modules = (0..<configuration.nextTokenPredictionLayerCount).prefix {
            let prefix = WeightCatalog.prefix(layer: configuration.layerCount + $0)
            return weights.contains(prefix + "eh_proj.weight")
        }
        let catalog = WeightCatalog(configuration, predictionLayerCount: modules.count)
        try catalog.check(weights)
        let loader = try WeightLoader(configuration, weights: weights, shapes: catalog.shapes)
        self.configuration = configuration
        embedding = try loader.tensor(WeightCatalog.embedding)
        norm = try loader.tensor(WeightCatalog.finalNorm)
        head =
            configuration.tiesWordEmbeddings
            ? embedding : try loader.tensor(WeightCatalog.head)
        var layers: [DecoderLayer] = []
        for index in 0..<configuration.layerCount { layers.append(try loader.layer(index)) }
        self.layers = layers
        var predictionModules: [PredictionModule] = []
        for module in modules {
            predictionModules.append(try loader.predictionModule(configuration.layerCount + module))
        }
        self.predictionModules = predictionModules
    }
}
