public import Operators
public import Tensors

/// The gated feed-forward layer down(silu(gate(x)) * up(x)): a dense layer or one expert.
public struct FeedForward: Sendable {
    /// `[width, hidden]`, float32.
    public let gate: HostTensor
    /// `[width, hidden]`, float32.
    public let up: HostTensor
    /// `[hidden, width]`, float32.
    public let down: HostTensor

    /// Holds the three matrices; the shapes must fit.
    public init(gate: HostTensor, up: HostTensor, down: HostTensor) {
        self.gate = gate
        self.up = up
        self.down = down
    }

    /// Applies the layer.
    ///
    /// - Parameter x: `[T, hidden]`, float32.
    /// - Returns: `[T, hidden]`.
    public func forward(_ x: HostTensor) throws(OperatorError) -> HostTensor {
        let gated = try SwiGLU.forward(
            gate: Linear.forward(x, weight: gate),
            up: Linear.forward(x, weight: up)
        )
        return try Linear.forward(gated, weight: down)
    }
}
