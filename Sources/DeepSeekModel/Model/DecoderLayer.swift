import Operators
import Tensors

/// One layer: normalised attention and normalised feed-forward, each added to its input.
struct DecoderLayer: Sendable {
    enum Body: Sendable {
        case dense(FeedForward)
        case experts(MixtureOfExperts)
    }

    let attentionNorm: HostTensor
    let attention: LatentAttention
    let bodyNorm: HostTensor
    let body: Body

    /// Applies the layer to the tokens of one step, and leaves their rows in the cache.
    ///
    /// - Parameters:
    ///   - x: `[T, hidden]`, float32.
    ///   - index: The layer's number in the cache.
    ///   - step: Which sequences the tokens belong to.
    ///   - cache: Has room for the step's tokens already.
    func forward(
        _ x: HostTensor,
        index: Int,
        step: Step,
        cache: inout PagedLatentCache,
        options: ForwardOptions
    ) throws -> HostTensor {
        let epsilon = Float(attention.configuration.normEpsilon)
        let attentionInput = try RMSNorm.forward(x, weight: attentionNorm, epsilon: epsilon).output
        let queries = try attention.queries(attentionInput, positions: step.positions)
        let rows = try attention.latentRows(attentionInput, positions: step.positions)
        for span in step.spans {
            cache.write(
                try rows.slice(axis: 0, from: span.firstToken, count: span.count),
                layer: index,
                sequence: span.sequence,
                from: span.start
            )
        }
        let context = step.context(pages: cache.layer(index), cache: cache)
        let found =
            options.usesAbsorption(for: step)
            ? try attention.absorbed(
                nope: queries.nope,
                rope: queries.rope,
                context: context,
                executor: options.attention
            )
            : try attention.expanded(
                nope: queries.nope,
                rope: queries.rope,
                context: context,
                executor: options.attention
            )
        let middle = try Accumulate.sum(x, try attention.project(found))
        let bodyInput = try RMSNorm.forward(middle, weight: bodyNorm, epsilon: epsilon).output
        switch body {
        case .dense(let feedForward):
            return try Accumulate.sum(middle, try feedForward.forward(bodyInput))
        case .experts(let experts):
            let found = try experts.forward(bodyInput, executor: options.experts)
            return try Accumulate.sum(middle, found)
        }
    }
}
