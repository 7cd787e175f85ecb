public import Tensors

/// The next tokens of one sequence.
public struct SequenceChunk: Sendable {
    /// The sequence in the cache.
    public var sequence: PagedLatentCache.SequenceID
    /// The tokens that follow what the cache holds.
    public var tokens: [Int]

    /// Pairs a sequence with its next tokens.
    public init(_ sequence: PagedLatentCache.SequenceID, tokens: [Int]) {
        self.sequence = sequence
        self.tokens = tokens
    }
}

/// What a pass through the model returns.
public struct ForwardOutput: Sendable {
    /// `[T, vocabulary]`, or `[sequences, vocabulary]` if only last tokens were asked for.
    public let logits: HostTensor
    /// The state after the last norm, `[T, hidden]`: what prediction modules start from.
    public let hiddenStates: HostTensor
}
