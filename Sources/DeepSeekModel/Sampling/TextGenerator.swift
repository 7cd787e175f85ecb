import InfraCore
import Tensors

/// Continues prompts with a model: prefill in chunks, then decoding of all sequences together.
public struct TextGenerator: Sendable {
    /// The model.
    public let model: DeepSeekV3Model
    private let forwardOptions: ForwardOptions

    /// Creates a generator.
    ///
    /// - Parameters:
    ///   - model: The model.
    ///   - forwardOptions: How passes are computed; which logits is chosen here.
    public init(_ model: DeepSeekV3Model, forwardOptions: ForwardOptions = ForwardOptions()) {
        self.model = model
        var options = forwardOptions
        options.logits = .last
        self.forwardOptions = options
    }

    /// Continues prompts.
    ///
    /// A sequence's tokens do not depend on the others in the batch, except through the rounding
    /// of larger matrix products; each draws from a random sequence of its own, seeded by the
    /// options' seed and its place.
    ///
    /// - Parameters:
    ///   - prompts: Each with at least one token.
    ///   - options: When to end and how to choose.
    ///   - onToken: Called with the prompt's place and each token as it is chosen; an error it
    ///     throws ends generation.
    /// - Returns: One generation a prompt.
    /// - Throws: ``ModelErrorCode/invalidArgument`` for an empty prompt,
    ///   ``ModelErrorCode/sequenceTooLong`` for one beyond the model's positions,
    ///   ``ModelErrorCode/invalidToken``, and what `onToken` throws.
    public func generate(
        _ prompts: [[Int]],
        options: GenerationOptions,
        onToken: (Int, Sampler.Choice) throws -> Void = { _, _ in }
    ) throws -> [Generation] {
        try check(prompts)
        var cache = try model.makeCache(pageCount: max(1, pageCount(prompts, options)))
        var generations = prompts.map { _ in Generation() }
        var samplers: [Sampler] = []
        var active: [(place: Int, sequence: PagedLatentCache.SequenceID)] = []
        for (place, prompt) in prompts.enumerated() {
            var sampling = options.sampling
            sampling.seed &+= UInt64(place)
            samplers.append(Sampler(sampling))
            let sequence = cache.addSequence()
            let logits = try prefill(prompt, sequence, &cache, options.prefillChunkSize)
            let choice = try samplers[place].next(logits)
            try onToken(place, choice)
            if keep(choice, &generations[place], cache.length(of: sequence), options) {
                active.append((place, sequence))
            } else {
                cache.removeSequence(sequence)
            }
        }
        while !active.isEmpty {
            let batch = active.map { place, sequence in
                let last = generations[place].tokens.last.map { [$0.id] } ?? []
                return SequenceChunk(sequence, tokens: last)
            }
            let output = try model.forward(batch, cache: &cache, options: forwardOptions)
            let rows = output.logits.elements(of: Float.self)
            let width = model.configuration.vocabularySize
            var remaining: [(place: Int, sequence: PagedLatentCache.SequenceID)] = []
            for (row, (place, sequence)) in active.enumerated() {
                let choice = try samplers[place].next(Array(rows[row * width..<(row + 1) * width]))
                try onToken(place, choice)
                if keep(choice, &generations[place], cache.length(of: sequence), options) {
                    remaining.append((place, sequence))
                } else {
                    cache.removeSequence(sequence)
                }
            }
            active = remaining
        }
        return generations
    }

    private func prefill(
        _ prompt: [Int],
        _ sequence: PagedLatentCache.SequenceID,
        _ cache: inout PagedLatentCache,
        _ chunkSize: Int
    ) throws -> [Float] {
        var logits: [Float] = []
        for start in stride(from: 0, to: prompt.count, by: chunkSize) {
            let chunk = Array(prompt[start..<min(start + chunkSize, prompt.count)])
            let output = try model.forward(
                [SequenceChunk(sequence, tokens: chunk)],
                cache: &cache,
                options: forwardOptions
            )
            logits = output.logits.elements(of: Float.self)
        }
        return logits
    }

    /// Records a token, and says whether the sequence goes on.
    private func keep(
        _ choice: Sampler.Choice,
        _ generation: inout Generation,
        _ length: Int,
        _ options: GenerationOptions
    ) -> Bool {
        generation.tokens.append(choice)
        if options.stopIDs.contains(choice.id) {
            generation.finishReason = .stop
            return false
        }
        if generation.tokens.count >= options.maxTokens { return false }
        if length >= model.configuration.maxPositionEmbeddings {
            generation.finishReason = .contextFull
            return false
        }
        return true
    }

    private func pageCount(_ prompts: [[Int]], _ options: GenerationOptions) -> Int {
        prompts.reduce(0) { sum, prompt in
            // Capped before adding, so that a huge limit cannot overflow.
            let room = model.configuration.maxPositionEmbeddings - prompt.count
            let tokens = prompt.count + min(room, options.maxTokens)
            return sum + PagedLatentCache.pageCount(forTokens: tokens)
        }
    }

    private func check(_ prompts: [[Int]]) throws(ModelError) {
        let limit = model.configuration.maxPositionEmbeddings
        for prompt in prompts {
            guard !prompt.isEmpty else {
                throw ModelError(.invalidArgument, "the prompt has no tokens; give some text")
            }
            guard prompt.count <= limit else {
                throw ModelError(
                    .sequenceTooLong,
                    "the prompt has \(prompt.count) tokens; max_position_embeddings allows \(limit)"
                )
            }
        }
    }
}
