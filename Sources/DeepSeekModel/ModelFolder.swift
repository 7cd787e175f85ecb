public import InfraCore

/// A model folder as a whole: configuration, tokenizer, stop tokens and weights.
///
/// The files are those of Hugging Face: `config.json`, `tokenizer.json`, optionally
/// `tokenizer_config.json` and `generation_config.json`, and safetensors. Each part is read when
/// it is asked for.
public struct ModelFolder: Sendable {
    /// The folder.
    public let path: String

    /// Names a folder.
    ///
    /// - Throws: ``ModelErrorCode/fileFailure`` if there is no such folder.
    public init(_ path: String) throws(ModelError) {
        try ModelFile.requireFolder(path)
        self.path = path
    }

    /// Reads `config.json`.
    public func configuration() throws(ModelError) -> ModelConfiguration {
        try ModelConfiguration(folder: path)
    }

    /// Reads `tokenizer.json`.
    public func tokenizer() throws(ModelError) -> BytePairTokenizer {
        try BytePairTokenizer(folder: path)
    }

    /// Opens the safetensors files.
    public func weights() throws(ModelError) -> WeightFolder {
        try WeightFolder(path: path, quantization: try configuration().quantization)
    }

    /// Whether there are safetensors files.
    public var hasWeights: Bool {
        ModelFile.exists("\(path)/\(WeightFolder.indexName)")
            || ModelFile.exists("\(path)/\(WeightFolder.singleName)")
    }

    /// Loads the weights.
    public func model() throws(ModelError) -> DeepSeekV3Model {
        try DeepSeekV3Model(folder: path)
    }

    /// The tokens that end a text: those of `generation_config.json`, or else of `config.json`,
    /// and the tokenizer's.
    ///
    /// - Parameter tokenizer: The folder's tokenizer.
    public func stopIDs(_ tokenizer: some Tokenizer) throws(ModelError) -> Set<Int> {
        var ids = Set(try configuration().endOfSequenceIDs)
        let generation = path + "/generation_config.json"
        if ModelFile.exists(generation) {
            let file = try JSONObject(
                try ModelFile.json(generation, purpose: "it names the tokens that end a text"),
                location: generation
            )
            if let own = try file.integers("eos_token_id") { ids = Set(own) }
        }
        if let end = tokenizer.endOfSequenceID { ids.insert(end) }
        return ids
    }
}
