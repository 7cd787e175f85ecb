public import InfraCore
public import Tensors

/// Root-mean-square normalisation, y = x / sqrt(mean(x²) + ε) · w, and its gradients
/// (Zhang and Sennrich, "Root Mean Square Layer Normalization", 2019).
///
/// Letters: M rows, D features. Sums run in float32, in index order.
public enum RMSNorm {
    /// What the backward pass needs of a forward pass.
    public struct Saved: Sendable {
        /// The input, `[M, D]`.
        public let x: HostTensor
        /// 1 / sqrt(mean(x²) + ε) of each row, `[M]`.
        public let inverseRMS: HostTensor
    }

    /// Normalises each row.
    ///
    /// - Parameters:
    ///   - x: `[M, D]`, float32.
    ///   - weight: `[D]`, float32.
    ///   - epsilon: Added to the mean square.
    /// - Returns: The output `[M, D]`, and what ``inputGradient(_:weight:saved:)`` needs.
    /// - Throws: ``OperatorErrorCode/shapeMismatch`` or ``OperatorErrorCode/dtypeMismatch``.
    public static func forward(
        _ x: HostTensor,
        weight: HostTensor,
        epsilon: Float
    ) throws(OperatorError) -> (output: HostTensor, saved: Saved) {
        try require(x, "x", [-1, -1])
        try require(weight, "weight", [x.shape[1]])
        let (rows, width) = (x.shape[0], x.shape[1])
        var y = HostTensor(uninitialized: x.shape)
        var inverses = HostTensor(uninitialized: [rows])
        reading(x, weight) { x, weight in
            writing(&y) { y in
                writing(&inverses) { inverses in
                    for row in 0..<rows {
                        let x = x + row * width
                        let y = y + row * width
                        let square = dot(x, x, width)
                        let inverse = 1 / (square / Float(width) + epsilon).squareRoot()
                        inverses[row] = inverse
                        for i in 0..<width { y[i] = weight[i] * (x[i] * inverse) }
                    }
                }
            }
        }
        return (y, Saved(x: x, inverseRMS: inverses))
    }

    /// The gradient of the input: dx = r (w dy) − x r³ / D · Σ(w dy x), with r the inverse RMS.
    ///
    /// - Parameters:
    ///   - dy: `[M, D]`.
    ///   - weight: `[D]`.
    ///   - saved: What the forward pass returned.
    /// - Returns: `[M, D]`.
    /// - Throws: ``OperatorErrorCode/shapeMismatch`` or ``OperatorErrorCode/dtypeMismatch``.
    public static func inputGradient(
        _ dy: HostTensor,
        weight: HostTensor,
        saved: Saved
    ) throws(OperatorError) -> HostTensor {
        try require(dy, "dy", saved.x.shape)
        let (rows, width) = (dy.shape[0], dy.shape[1])
        var dx = HostTensor(uninitialized: dy.shape)
        reading(dy, weight, saved.x) { dy, weight, x in
            reading(saved.inverseRMS) { inverses in
                writing(&dx) { dx in
                    for row in 0..<rows {
                        let (x, dy, dx) = (x + row * width, dy + row * width, dx + row * width)
                        var sum = SIMD8<Float>.zero
                        var i = 0
                        while i + 8 <= width {
                            sum += load8(dy + i) * load8(weight + i) * load8(x + i)
                            i += 8
                        }
                        var total = sum.sum()
                        while i < width {
                            total += dy[i] * weight[i] * x[i]
                            i += 1
                        }
                        let r = inverses[row]
                        let pull = total * r * r * r / Float(width)
                        for i in 0..<width { dx[i] = r * weight[i] * dy[i] - pull * x[i] }
                    }
                }
            }
        }
        return dx
    }

    /// Adds the gradient of the weight, dw += Σ over rows of dy x r.
    ///
    /// - Parameters:
    ///   - dy: `[M, D]`.
    ///   - saved: What the forward pass returned.
    ///   - gradient: `[D]`, added to in place.
    /// - Throws: ``OperatorErrorCode/shapeMismatch`` or ``OperatorErrorCode/dtypeMismatch``.
    public static func addWeightGradient(
        _ dy: HostTensor,
        saved: Saved,
        to gradient: inout HostTensor
    ) throws(OperatorError) {
        try require(dy, "dy", saved.x.shape)
        let (rows, width) = (dy.shape[0], dy.shape[1])
        try require(gradient, "gradient", [width])
        reading(dy, saved.x, saved.inverseRMS) { dy, x, inverses in
            writing(&gradient) { gradient in
                for row in 0..<rows {
                    let (x, dy, r) = (x + row * width, dy + row * width, inverses[row])
                    for i in 0..<width { gradient[i] += dy[i] * x[i] * r }
                }
            }
        }
    }
}
