public import InfraCore
public import Tensors

#if canImport(Glibc)
    import Glibc
#endif

/// The loss of a language model, −log softmax(logits)[target], and its gradient.
public enum CrossEntropy {
    /// Loss and gradient in one pass, because both need the softmax.
    ///
    /// - Parameters:
    ///   - logits: `[M, V]`, float32.
    ///   - targets: `[M]`, int32, each in `0..<V`; a negative one excludes its row.
    ///   - gradientScale: Multiplies the gradient: 1/M for a mean over M tokens.
    /// - Returns: The summed loss in nats (accumulated in float64), how many rows counted, and
    ///   the gradient of `gradientScale` · loss, `[M, V]`.
    /// - Throws: ``OperatorErrorCode/shapeMismatch``, ``OperatorErrorCode/dtypeMismatch``, or
    ///   ``OperatorErrorCode/outOfRange`` for a target that is no column.
    public static func lossAndGradient(
        logits: HostTensor,
        targets: HostTensor,
        gradientScale: Float = 1
    ) throws(OperatorError) -> (loss: Double, count: Int, gradient: HostTensor) {
        try require(logits, "logits", [-1, -1])
        let (rows, columns) = (logits.shape[0], logits.shape[1])
        guard targets.dtype == .int32, targets.shape == [rows] else {
            throw OperatorError(
                .shapeMismatch,
                "targets are \(targets.dtype.rawValue) \(targets.shape); they must be I32 [\(rows)]"
            )
        }
        let targets = targets.elements(of: Int32.self)
        if let stray = targets.first(where: { $0 >= columns }) {
            throw OperatorError(.outOfRange, "target \(stray) is outside 0..<\(columns)")
        }
        var gradient = HostTensor(uninitialized: logits.shape)
        var loss = 0.0
        var counted = 0
        reading(logits) { logits in
            writing(&gradient) { gradient in
                for row in 0..<rows {
                    let (x, d) = (logits + row * columns, gradient + row * columns)
                    let target = Int(targets[row])
                    guard target >= 0 else {
                        for i in 0..<columns { d[i] = 0 }
                        continue
                    }
                    var maximum = -Float.infinity
                    for i in 0..<columns { maximum = max(maximum, x[i]) }
                    let sum = exponentials(x, d, columns, minus: maximum)
                    loss += Double(logf(sum)) + Double(maximum) - Double(x[target])
                    counted += 1
                    let scale = gradientScale / sum
                    for i in 0..<columns { d[i] *= scale }
                    d[target] -= gradientScale
                }
            }
        }
        return (loss, counted, gradient)
    }
}
