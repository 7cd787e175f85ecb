public import InfraCore

#if canImport(Glibc)
    import Glibc
#endif

/// Chooses tokens from logits.
public struct Sampler: Sendable {
    /// A chosen token.
    public struct Choice: Sendable, Equatable {
        /// The token.
        public let id: Int
        /// The natural logarithm of the probability the model gave it, before temperature and
        /// cuts.
        public let logProbability: Float
    }

    private let options: SamplingOptions
    private var random: SeededRandom

    /// Creates a sampler at the start of its random sequence.
    public init(_ options: SamplingOptions) {
        self.options = options
        random = SeededRandom(seed: options.seed)
    }

    /// Chooses a token.
    ///
    /// Temperature comes first, then top-k, then top-p, as in Hugging Face transformers. Equal
    /// logits are ordered by token.
    ///
    /// - Parameter logits: One per token of the vocabulary.
    /// - Throws: ``ModelErrorCode/invalidArgument`` if there are none or one is not a number.
    public mutating func next(_ logits: [Float]) throws(ModelError) -> Choice {
        guard let maximum = logits.max(), maximum.isFinite, !logits.contains(where: \.isNaN) else {
            throw ModelError(
                .invalidArgument,
                "the logits hold no finite maximum; the model's weights are damaged"
            )
        }
        var normalizer: Double = 0
        for logit in logits { normalizer += Double(expf(logit - maximum)) }
        let id = options.temperature == 0 ? Self.likeliest(logits) : draw(logits, maximum)
        return Choice(
            id: id,
            logProbability: logits[id] - maximum - Float(log(normalizer))
        )
    }

    private static func likeliest(_ logits: [Float]) -> Int {
        var best = 0
        for index in logits.indices where logits[index] > logits[best] { best = index }
        return best
    }

    private mutating func draw(_ logits: [Float], _ maximum: Float) -> Int {
        var candidates = Array(logits.indices)
        var weights = logits.map { expf(($0 - maximum) / options.temperature) }
        if options.topK != nil || options.topP < 1 {
            candidates.sort { (weights[$1], $0) < (weights[$0], $1) }
            if let topK = options.topK { candidates.removeLast(max(0, candidates.count - topK)) }
            let total = candidates.reduce(Float(0)) { $0 + weights[$1] }
            var sum: Float = 0
            // The candidate that reaches the bound still counts.
            if let last = candidates.firstIndex(where: { candidate in
                sum += weights[candidate]
                return sum >= options.topP * total
            }) {
                candidates.removeSubrange((last + 1)...)
            }
        }
        weights = candidates.map { weights[$0] }
        let total = weights.reduce(Double(0)) { $0 + Double($1) }
        var rest = Double(random.uniform()) * total
        for (candidate, weight) in zip(candidates, weights) {
            rest -= Double(weight)
            if rest < 0 { return candidate }
        }
        // Rounding may leave a trace of the total: the last candidate with any weight.
        return weights.lastIndex { $0 > 0 }.map { candidates[$0] } ?? Self.likeliest(logits)
    }
}
