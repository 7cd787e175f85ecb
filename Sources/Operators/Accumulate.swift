public import InfraCore
public import Tensors

/// Sums of tensors: residual connections and gradient accumulation.
public enum Accumulate {
    /// a + b, element by element.
    ///
    /// - Parameters:
    ///   - a: Any shape, float32.
    ///   - b: The same shape.
    /// - Returns: The sum, in the same shape.
    /// - Throws: ``OperatorErrorCode/shapeMismatch`` or ``OperatorErrorCode/dtypeMismatch``.
    public static func sum(_ a: HostTensor, _ b: HostTensor) throws(OperatorError) -> HostTensor {
        try require(a, "a", a.shape)
        try require(b, "b", a.shape)
        var y = HostTensor(uninitialized: a.shape)
        let count = a.elementCount
        reading(a, b) { a, b in
            writing(&y) { y in
                for i in 0..<count { y[i] = a[i] + b[i] }
            }
        }
        return y
    }

    /// target += scale · source, element by element, in place.
    ///
    /// - Parameters:
    ///   - source: The shape of `target`, float32.
    ///   - target: Added to.
    ///   - scale: Multiplies `source`.
    /// - Throws: ``OperatorErrorCode/shapeMismatch`` or ``OperatorErrorCode/dtypeMismatch``.
    public static func add(
        _ source: HostTensor,
        to target: inout HostTensor,
        scale: Float = 1
    ) throws(OperatorError) {
        try require(target, "target", target.shape)
        try require(source, "source", target.shape)
        let count = source.elementCount
        reading(source) { source in
            writing(&target) { target in
                for i in 0..<count { target[i] += scale * source[i] }
            }
        }
    }
}
