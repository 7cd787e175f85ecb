package import DeepSeekModel
import InfraCore
import Operators
package import Tensors

/// A run of neighbouring layers of the model, with the embedding in front of the first stage and
/// the output head behind the last.
///
/// Letters: B sequences of T tokens, M = B · T, D model width, V vocabulary.
package final class ModelStage<Exchange: ExpertExchange> {
    private let sequenceLength: Int
    private let embedding: Parameter?
    private let blocks: [TransformerBlock<Exchange>]
    private let finalNorm: NormLayer?
    private let head: LinearLayer?

    /// What the backward pass of one chunk needs, and the weight gradients it leaves behind.
    package struct Context {
        fileprivate let tokens: [Int32]
        fileprivate let blocks: [TransformerBlock<Exchange>.Saved]
        fileprivate let finalNorm: RMSNorm.Saved?
        fileprivate let normed: HostTensor?
        fileprivate var deferred = DeferredGradients()
    }

    /// Makes one stage of a model with fresh parameters.
    ///
    /// - Parameters:
    ///   - index: The stage's number.
    ///   - stageCount: Into how many stages the layers are divided.
    ///   - sequenceLength: T.
    ///   - seed: The run's seed; the whole model follows from it.
    package init(
        index: Int,
        of stageCount: Int,
        _ c: ModelConfiguration,
        sequenceLength: Int,
        exchange: Exchange,
        seed: UInt64
    ) throws {
        let make = ParameterFactory(
            seed: seed,
            deviation: Float(c.initializerRange),
            residualScale: 1 / Float(2 * c.layerCount).squareRoot()
        )
        let rotary = try RotaryEmbedding(
            width: c.ropeHeadDimension,
            base: Float(c.rotary.theta),
            maximumPositionCount: sequenceLength,
            isInterleaved: c.rotary.isInterleaved
        )
        self.sequenceLength = sequenceLength
        blocks = try Self.layers(of: index, stageCount, c.layerCount).map { layer in
            try TransformerBlock(index: layer, c, rotary, exchange, make)
        }
        embedding =
            index == 0
            ? make.matrix("model.embed_tokens.weight", c.vocabularySize, c.hiddenSize) : nil
        let isLast = index == stageCount - 1
        finalNorm =
            isLast
            ? NormLayer(
                weight: make.ones("model.norm.weight", c.hiddenSize),
                epsilon: Float(c.normEpsilon)
            ) : nil
        head =
            isLast
            ? LinearLayer(
                weight: make.matrix("lm_head.weight", c.vocabularySize, c.hiddenSize)
            ) : nil
    }

    /// The layers of a stage: neighbours, as evenly spread as they divide.
    package static func layers(of stage: Int, _ stageCount: Int, _ layerCount: Int) -> Range<Int> {
        layerCount * stage / stageCount..<layerCount * (stage + 1) / stageCount
    }

    /// Everything gradients reach, in model order.
    package var parameters: [Parameter] {
        [embedding].compactMap { $0 } + blocks.flatMap(\.parameters)
            + [finalNorm?.weight, head?.weight].compactMap { $0 }
    }

    /// The mixtures of experts of this stage, in model order.
    var mixtures: [MixtureOfExpertsLayer<Exchange>] { blocks.compactMap(\.mixture) }

    /// The biases that balancing moves; checkpoints hold them, the optimizer does not.
    package var correctionBiases: [Parameter] { mixtures.map(\.correctionBias) }

    /// Runs one chunk.
    ///
    /// - Parameter input: Tokens `[B, T]`, int32, for the first stage; otherwise what the stage
    ///   before put out, `[M, D]`.
    /// - Returns: `[M, D]`, or logits `[M, V]` from the last stage.
    package func forward(_ input: HostTensor) throws -> (output: HostTensor, context: Context) {
        var x = input
        var tokens: [Int32] = []
        if let embedding {
            tokens = input.elements(of: Int32.self)
            x = try Embedding.forward(tokens, table: embedding.value)
        }
        let sequenceCount = x.shape[0] / sequenceLength
        var saved: [TransformerBlock<Exchange>.Saved] = []
        for block in blocks {
            let (y, kept) = try block.forward(x, sequenceCount: sequenceCount)
            x = y
            saved.append(kept)
        }
        guard let finalNorm, let head else {
            return (
                x, Context(tokens: tokens, blocks: saved, finalNorm: nil, normed: nil)
            )
        }
        let normed = try finalNorm.forward(x)
        let context = Context(
            tokens: tokens,
            blocks: saved,
            finalNorm: normed.saved,
            normed: normed.output
        )
        return (try head.forward(normed.output), context)
    }

    /// Runs one chunk backwards and keeps its weight gradients in the context.
    ///
    /// - Parameter dy: The gradient of what ``forward(_:)`` returned.
    /// - Returns: The gradient of its input; `nil` for the first stage, whose tokens have none.
    package func backwardInput(_ dy: HostTensor, _ context: inout Context) throws -> HostTensor? {
        var d = dy
        if let finalNorm, let head, let saved = context.finalNorm, let normed = context.normed {
            d = try head.backward(d, input: normed, &context.deferred)
            d = try finalNorm.backward(d, saved, &context.deferred)
        }
        for (block, saved) in zip(blocks, context.blocks).reversed() {
            d = try block.backward(d, saved, &context.deferred)
        }
        guard let embedding else { return d }
        let tokens = context.tokens
        context.deferred.append { [d] () throws(OperatorError) in
            try Embedding.addTableGradient(d, tokens: tokens, to: &embedding.gradient)
        }
        return nil
    }

    /// Adds the weight gradients that ``backwardInput(_:_:)`` kept back.
    package func backwardWeight(_ context: Context) throws {
        var deferred = context.deferred
        try deferred.run()
    }
}
