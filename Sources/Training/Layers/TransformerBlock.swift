import DeepSeekModel
import InfraCore
import Operators
import Tensors

/// One decoder layer: attention and a feed-forward network, each behind a norm and beside a
/// residual connection.
struct TransformerBlock<Exchange: ExpertExchange> {
    private let attentionNorm: NormLayer
    private let attention: LatentAttentionLayer
    private let feedForwardNorm: NormLayer
    private let feedForward: FeedForward

    private enum FeedForward {
        case dense(FeedForwardLayer)
        case experts(MixtureOfExpertsLayer<Exchange>)
    }

    /// What the backward pass needs of a forward pass.
    struct Saved {
        let attentionNorm: RMSNorm.Saved
        let attention: LatentAttentionLayer.Saved
        let feedForwardNorm: RMSNorm.Saved
        let feedForward: FeedForwardSaved
    }

    enum FeedForwardSaved {
        case dense(FeedForwardLayer.Saved)
        case experts(MixtureOfExpertsLayer<Exchange>.Saved)
    }

    /// - Parameter index: The layer's number in the model.
    init(
        index: Int,
        _ c: ModelConfiguration,
        _ rotary: RotaryEmbedding,
        _ exchange: Exchange,
        _ make: ParameterFactory
    ) throws {
        let prefix = "model.layers.\(index)."
        let epsilon = Float(c.normEpsilon)
        attentionNorm = NormLayer(
            weight: make.ones("\(prefix)input_layernorm.weight", c.hiddenSize),
            epsilon: epsilon
        )
        attention = LatentAttentionLayer("\(prefix)self_attn.", c, rotary, make)
        feedForwardNorm = NormLayer(
            weight: make.ones("\(prefix)post_attention_layernorm.weight", c.hiddenSize),
            epsilon: epsilon
        )
        if c.isMixtureOfExperts(layer: index) {
            feedForward = .experts(try MixtureOfExpertsLayer("\(prefix)mlp.", c, exchange, make))
        } else {
            feedForward = .dense(
                FeedForwardLayer(
                    "\(prefix)mlp.",
                    width: c.hiddenSize,
                    hiddenWidth: c.intermediateSize,
                    make
                )
            )
        }
    }

    /// The layer's mixture of experts, if it is one.
    var mixture: MixtureOfExpertsLayer<Exchange>? {
        if case .experts(let mixture) = feedForward { mixture } else { nil }
    }

    var parameters: [Parameter] {
        let inner =
            switch feedForward {
            case .dense(let layer): layer.parameters
            case .experts(let layer): layer.parameters
            }
        return [attentionNorm.weight] + attention.parameters + [feedForwardNorm.weight] + inner
    }

    func forward(
        _ x: HostTensor,
        sequenceCount: Int
    ) throws -> (output: HostTensor, saved: Saved) {
        let normed = try attentionNorm.forward(x)
        let attended = try attention.forward(normed.output, sequenceCount: sequenceCount)
        var y = try Accumulate.sum(x, attended.output)
        let normedAgain = try feedForwardNorm.forward(y)
        let kept: FeedForwardSaved
        switch feedForward {
        case .dense(let layer):
            let (output, saved) = try layer.forward(normedAgain.output)
            (y, kept) = (try Accumulate.sum(y, output), .dense(saved))
        case .experts(let layer):
            let (output, saved) = try layer.forward(normedAgain.output)
            (y, kept) = (try Accumulate.sum(y, output), .experts(saved))
        }
        return (
            y,
            Saved(
                attentionNorm: normed.saved,
                attention: attended.saved,
                feedForwardNorm: normedAgain.saved,
                feedForward: kept
            )
        )
    }

    func backward(
        _ dy: HostTensor,
        _ saved: Saved,
        _ deferred: inout DeferredGradients
    ) throws -> HostTensor {
        let dInner =
            switch (feedForward, saved.feedForward) {
            case (.dense(let layer), .dense(let kept)): try layer.backward(dy, kept, &deferred)
            case (.experts(let layer), .experts(let kept)): try layer.backward(dy, kept, &deferred)
            default: preconditionFailure("the saved values belong to another layer")
            }
        let dMiddle = try Accumulate.sum(
            dy,
            try feedForwardNorm.backward(dInner, saved.feedForwardNorm, &deferred)
        )
        let dAttention = try attention.backward(dMiddle, saved.attention, &deferred)
        return try Accumulate.sum(
            dMiddle,
            try attentionNorm.backward(dAttention, saved.attentionNorm, &deferred)
        )
    }
}
