public import InfraCore
import Operators
public import Tensors

/// A DeepSeek-V3 model in float32, ready to run.
///
/// Immutable, so threads may share one; each needs a cache of its own.
public struct DeepSeekV3Model: Sendable {
    /// The model's shape.
    public let configuration: ModelConfiguration
    let embedding: HostTensor
    let layers: [DecoderLayer]
    let predictionModules: [PredictionModule]
    let norm: HostTensor
    let head: HostTensor

    /// How many prediction modules the checkpoint has.
    public var predictionModuleCount: Int { predictionModules.count }

    /// A cache that fits the model.
    ///
    /// - Parameter pageCount: How many pages of 64 tokens to allocate.
    /// - Throws: ``ModelErrorCode/invalidArgument`` for a count below one.
    public func makeCache(pageCount: Int) throws(ModelError) -> PagedLatentCache {
        try PagedLatentCache(
            layerCount: layers.count + predictionModules.count,
            rowWidth: configuration.latentWidth,
            pageCount: pageCount
        )
    }

    /// Passes the next tokens of some sequences through the model.
    ///
    /// - Parameters:
    ///   - batch: The tokens; each chunk has at least one, and no sequence comes twice.
    ///   - cache: Holds what came before, and takes the new tokens' rows. On an error thrown
    ///     before the computation starts it is unchanged.
    ///   - options: How to compute.
    /// - Returns: Logits and hidden states, in the order of the tokens.
    /// - Throws: ``ModelErrorCode/invalidToken``, ``ModelErrorCode/invalidArgument``,
    ///   ``ModelErrorCode/sequenceTooLong``, ``ModelErrorCode/cacheExhausted``, and what the
    ///   executors throw.
    public func forward(
        _ batch: [SequenceChunk],
        cache: inout PagedLatentCache,
        options: ForwardOptions = ForwardOptions()
    ) throws -> ForwardOutput {
        let step = try makeStep(batch, cache: cache)
        try cache.extend(batch.map { ($0.sequence, $0.tokens.count) })
        var x = try embed(batch)
        for (index, layer) in layers.enumerated() {
            x = try layer.forward(x, index: index, step: step, cache: &cache, options: options)
        }
        return try output(of: x, norm: norm, step: step, options: options)
    }

    /// The logits of one sequence from its beginning, without a cache to keep.
    ///
    /// - Parameters:
    ///   - tokens: At least one token.
    ///   - options: How to compute.
    /// - Returns: `[tokens, vocabulary]`, float32.
    public func logits(
        tokens: [Int],
        options: ForwardOptions = ForwardOptions()
    ) throws -> HostTensor {
        let pages = PagedLatentCache.pageCount(forTokens: tokens.count)
        var cache = try makeCache(pageCount: max(1, pages))
        let sequence = cache.addSequence()
        return try forward(
            [SequenceChunk(sequence, tokens: tokens)],
            cache: &cache,
            options: options
        )
        .logits
    }

    /// Predicts one token further with a prediction module.
    ///
    /// Call it after ``forward(_:cache:options:)`` has taken the same chunks: for a token at
    /// position i it sees the hidden state there and the token at i + 1.
    ///
    /// - Parameters:
    ///   - module: The module, from zero; the first follows the model, each other the one before.
    ///   - nextTokens: The chunks of that call, shifted by one token.
    ///   - hiddenStates: What that call, or the module before, returned; `[T, hidden]`.
    ///   - cache: The cache of that call.
    ///   - options: How to compute.
    /// - Returns: The logits of the token at i + 2, and hidden states for the next module.
    /// - Throws: As ``forward(_:cache:options:)``.
    public func predict(
        module: Int = 0,
        nextTokens: [SequenceChunk],
        hiddenStates: HostTensor,
        cache: inout PagedLatentCache,
        options: ForwardOptions = ForwardOptions()
    ) throws -> ForwardOutput {
        guard predictionModules.indices.contains(module) else {
            throw ModelError(
                .invalidArgument,
                "module is \(module); the model has \(predictionModules.count) prediction modules"
            )
        }
        let count = nextTokens.reduce(0) { $0 + $1.tokens.count }
        guard hiddenStates.shape == [count, configuration.hiddenSize] else {
            throw ModelError(
                .invalidArgument,
                "hiddenStates has shape \(hiddenStates.shape); for \(count) tokens it must be "
                    + "[\(count), \(configuration.hiddenSize)]"
            )
        }
        var step = Step()
        for chunk in nextTokens {
            try checkTokens(chunk.tokens)
            let start = cache.length(of: chunk.sequence) - chunk.tokens.count
            guard start >= 0 else {
                throw ModelError(
                    .invalidArgument,
                    "nextTokens holds \(chunk.tokens.count) tokens of a sequence of "
                        + "\(cache.length(of: chunk.sequence)); run forward on them first"
                )
            }
            step.append(chunk.sequence, start: start, count: chunk.tokens.count)
        }
        let parts = predictionModules[module]
        let input = try parts.input(
            embedding: try embed(nextTokens),
            hidden: hiddenStates,
            epsilon: Float(configuration.normEpsilon)
        )
        let x = try parts.layer.forward(
            input,
            index: layers.count + module,
            step: step,
            cache: &cache,
            options: options
        )
        return try output(of: x, norm: parts.outputNorm, step: step, options: options)
    }

    private func embed(_ batch: [SequenceChunk]) throws -> HostTensor {
        try Embedding.forward(batch.flatMap { $0.tokens.map { Int32($0) } }, table: embedding)
    }

    private func output(
        of x: HostTensor,
        norm: HostTensor,
        step: Step,
        options: ForwardOptions
    ) throws -> ForwardOutput {
        let epsilon = Float(configuration.normEpsilon)
        let hidden = try RMSNorm.forward(x, weight: norm, epsilon: epsilon).output
        let selected: HostTensor
        switch options.logits {
        case .all: selected = hidden
        case .last:
            let width = configuration.hiddenSize
            var rows = HostTensor(uninitialized: [step.spans.count, width])
            hidden.withFloats { hidden in
                rows.withMutableFloats { rows in
                    for (index, span) in step.spans.enumerated() {
                        let last = span.firstToken + span.count - 1
                        (rows + index * width).update(from: hidden + last * width, count: width)
                    }
                }
            }
            selected = rows
        }
        return ForwardOutput(
            logits: try Linear.forward(selected, weight: head),
            hiddenStates: hidden
        )
    }

    /// Checks a batch before anything changes.
    private func makeStep(
        _ batch: [SequenceChunk],
        cache: borrowing PagedLatentCache
    ) throws(ModelError) -> Step {
        guard !batch.isEmpty else {
            throw ModelError(.invalidArgument, "batch is empty; it needs at least one chunk")
        }
        var step = Step()
        var seen: Set<PagedLatentCache.SequenceID> = []
        for chunk in batch {
            guard seen.insert(chunk.sequence).inserted else {
                throw ModelError(.invalidArgument, "a sequence comes twice in one batch")
            }
            try checkTokens(chunk.tokens)
            let start = cache.length(of: chunk.sequence)
            let end = start + chunk.tokens.count
            guard end <= configuration.maxPositionEmbeddings else {
                throw ModelError(
                    .sequenceTooLong,
                    "a sequence would have \(end) tokens; max_position_embeddings allows "
                        + "\(configuration.maxPositionEmbeddings)"
                )
            }
            step.append(chunk.sequence, start: start, count: chunk.tokens.count)
        }
        return step
    }

    private func checkTokens(_ tokens: [Int]) throws(ModelError) {
        guard !tokens.isEmpty else {
            throw ModelError(.invalidArgument, "tokens is empty; it needs at least one token")
        }
        for token in tokens where !(0..<configuration.vocabularySize).contains(token) {
            throw ModelError(
                .invalidToken,
                "token id \(token) is outside the vocabulary; allowed: 0 to "
                    + "\(configuration.vocabularySize - 1)"
            )
        }
    }
}
