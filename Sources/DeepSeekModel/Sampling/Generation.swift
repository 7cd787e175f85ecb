/// The tokens generated for one prompt.
public struct Generation: Sendable, Equatable {
    /// Why generation ended.
    public enum FinishReason: String, Sendable, Codable {
        /// A stop token came.
        case stop
        /// The allowed count of tokens was reached.
        case length
        /// The model's positions were used up.
        case contextFull = "context_full"
    }

    /// The tokens, the stop token included.
    public internal(set) var tokens: [Sampler.Choice] = []
    /// Why generation ended.
    public internal(set) var finishReason = FinishReason.length

    /// The identifiers of the tokens without a stop token.
    public var textIDs: [Int] {
        (finishReason == .stop ? tokens.dropLast() : tokens[...]).map(\.id)
    }
}
