import Operators
import Tensors

/// A multi-token prediction module: from a token's hidden state and the token after it, the
/// hidden state that predicts one token further ("DeepSeek-V3 Technical Report", section 2.2).
struct PredictionModule: Sendable {
    let embeddingNorm: HostTensor
    let hiddenNorm: HostTensor
    /// `[hidden, 2 * hidden]`, the embedding's half first.
    let projection: HostTensor
    let layer: DecoderLayer
    let outputNorm: HostTensor

    /// The layer's input, `[T, hidden]`.
    func input(embedding: HostTensor, hidden: HostTensor, epsilon: Float) throws -> HostTensor {
        let (count, width) = (hidden.shape[0], hidden.shape[1])
        let left = try RMSNorm.forward(embedding, weight: embeddingNorm, epsilon: epsilon).output
        let right = try RMSNorm.forward(hidden, weight: hiddenNorm, epsilon: epsilon).output
        let joined = try FeatureColumns.join(try left.reshaped(to: [count, 1, width]), right)
        return try Linear.forward(
            try joined.reshaped(to: [count, 2 * width]),
            weight: projection
        )
    }
}
