public import InfraCore
public import Tensors

/// The gated unit silu(gate) · up, silu(x) = x · sigmoid(x)
/// (Shazeer, "GLU Variants Improve Transformer", 2020), and its gradients.
public enum SwiGLU {
    /// silu(gate) · up, element by element.
    ///
    /// - Parameters:
    ///   - gate: Any shape, float32.
    ///   - up: The same shape.
    /// - Returns: The same shape.
    /// - Throws: ``OperatorErrorCode/shapeMismatch`` or ``OperatorErrorCode/dtypeMismatch``.
    public static func forward(
        gate: HostTensor,
        up: HostTensor
    ) throws(OperatorError) -> HostTensor {
        try require(gate, "gate", gate.shape)
        try require(up, "up", gate.shape)
        var y = HostTensor(uninitialized: gate.shape)
        let count = gate.elementCount
        reading(gate, up) { gate, up in
            writing(&y) { y in
                var i = 0
                while i + 8 <= count {
                    let g = load8(gate + i)
                    store8(g / (1 + exp8(-g)) * load8(up + i), to: y + i)
                    i += 8
                }
                while i < count {
                    y[i] = gate[i] * sigmoid(gate[i]) * up[i]
                    i += 1
                }
            }
        }
        return y
    }

    /// The gradients of both inputs.
    ///
    /// - Parameters:
    ///   - dy: The gradient of the output.
    ///   - gate: What the forward pass was given.
    ///   - up: What the forward pass was given.
    /// - Returns: The gradients of `gate` and `up`, in their shape.
    /// - Throws: ``OperatorErrorCode/shapeMismatch`` or ``OperatorErrorCode/dtypeMismatch``.
    public static func inputGradients(
        _ dy: HostTensor,
        gate: HostTensor,
        up: HostTensor
    ) throws(OperatorError) -> (gate: HostTensor, up: HostTensor) {
        try require(dy, "dy", gate.shape)
        try require(up, "up", gate.shape)
        var dGate = HostTensor(uninitialized: gate.shape)
        var dUp = HostTensor(uninitialized: gate.shape)
        let count = gate.elementCount
        reading(dy, gate, up) { dy, gate, up in
            writing(&dGate) { dGate in
                writing(&dUp) { dUp in
                    var i = 0
                    while i + 8 <= count {
                        let (g, u, d) = (load8(gate + i), load8(up + i), load8(dy + i))
                        let s = 1 / (1 + exp8(-g))
                        store8(d * u * (s * (1 + g * (1 - s))), to: dGate + i)
                        store8(d * (g * s), to: dUp + i)
                        i += 8
                    }
                    while i < count {
                        let (g, s) = (gate[i], sigmoid(gate[i]))
                        dGate[i] = dy[i] * up[i] * (s * (1 + g * (1 - s)))
                        dUp[i] = dy[i] * (g * s)
                        i += 1
                    }
                }
            }
        }
        return (dGate, dUp)
    }
}
