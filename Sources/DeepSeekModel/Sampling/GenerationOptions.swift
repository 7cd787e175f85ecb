public import InfraCore

/// When generation ends, and how tokens are chosen.
public struct GenerationOptions: Sendable {
    /// The most tokens to generate for a prompt.
    public var maxTokens: Int
    /// How tokens are chosen.
    public var sampling: SamplingOptions
    /// Tokens that end a text; the token itself is reported.
    public var stopIDs: Set<Int>
    /// How many tokens of a prompt pass through the model at once: bounds the memory of scores.
    public var prefillChunkSize: Int

    /// Creates options.
    ///
    /// - Throws: ``ModelErrorCode/invalidArgument`` for a count below 1.
    public init(
        maxTokens: Int,
        sampling: SamplingOptions = .greedy,
        stopIDs: Set<Int> = [],
        prefillChunkSize: Int = 512
    ) throws(ModelError) {
        for (name, value) in [("max-tokens", maxTokens), ("prefill chunk size", prefillChunkSize)]
        where value < 1 {
            throw ModelError(.invalidArgument, "\(name) is \(value); it must be at least 1")
        }
        self.maxTokens = maxTokens
        self.sampling = sampling
        self.stopIDs = stopIDs
        self.prefillChunkSize = prefillChunkSize
    }
}
