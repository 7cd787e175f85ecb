public import Tensors

/// One trainable tensor with its gradient, owned by the rank that computes with it.
///
/// Not Sendable: a parameter never leaves the thread of its rank.
public final class Parameter {
    /// The tensor's name in a Hugging Face checkpoint of `model_type` `deepseek_v3`.
    public let name: String
    /// The current value, float32.
    public var value: HostTensor
    /// The sum of gradients since the last ``clearGradient()``, in the shape of ``value``.
    public var gradient: HostTensor
    /// Whether AdamW's decay pulls on it: matrices yes, norms and biases no.
    public let decays: Bool
    /// Whether each expert-parallel rank holds a different one. Others are replicated: their
    /// gradients are summed over the expert-parallel ranks.
    public let isExpert: Bool

    /// Creates a parameter with a zero gradient.
    public init(name: String, value: HostTensor, decays: Bool, isExpert: Bool = false) {
        self.name = name
        self.value = value
        self.decays = decays
        self.isExpert = isExpert
        gradient = HostTensor(zeros: value.shape)
    }

    /// Sets the gradient to zero.
    public func clearGradient() {
        gradient.withUnsafeMutableElements(of: Float.self) { $0.update(repeating: 0) }
    }
}
