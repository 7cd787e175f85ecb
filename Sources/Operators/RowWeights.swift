public import InfraCore
public import Tensors

/// Rows with one number each: what a mixture of experts does to its experts' outputs.
///
/// Letters: R rows of width D.
public enum RowWeights {
    /// Multiplies each row by its number.
    ///
    /// - Parameters:
    ///   - rows: `[R, D]`, float32.
    ///   - weights: `[R]`, float32.
    /// - Returns: `[R, D]`.
    /// - Throws: ``OperatorErrorCode/shapeMismatch`` or ``OperatorErrorCode/dtypeMismatch``.
    public static func scale(
        _ rows: HostTensor,
        by weights: HostTensor
    ) throws(OperatorError) -> HostTensor {
        try require(rows, "rows", [-1, -1])
        let (count, width) = (rows.shape[0], rows.shape[1])
        try require(weights, "weights", [count])
        var y = HostTensor(uninitialized: rows.shape)
        reading(rows, weights) { rows, weights in
            writing(&y) { y in
                for row in 0..<count {
                    let (source, target, weight) = (
                        rows + row * width, y + row * width, weights[row]
                    )
                    for i in 0..<width { target[i] = source[i] * weight }
                }
            }
        }
        return y
    }

    /// The dot product of each pair of rows: the gradient of the numbers given to
    /// ``scale(_:by:)``.
    ///
    /// - Parameters:
    ///   - a: `[R, D]`, float32.
    ///   - b: `[R, D]`, float32.
    /// - Returns: `[R]`.
    /// - Throws: ``OperatorErrorCode/shapeMismatch`` or ``OperatorErrorCode/dtypeMismatch``.
    public static func products(
        _ a: HostTensor,
        _ b: HostTensor
    ) throws(OperatorError) -> HostTensor {
        try require(a, "a", [-1, -1])
        try require(b, "b", a.shape)
        let (count, width) = (a.shape[0], a.shape[1])
        var y = HostTensor(uninitialized: [count])
        reading(a, b) { a, b in
            writing(&y) { y in
                for row in 0..<count { y[row] = dot(a + row * width, b + row * width, width) }
            }
        }
        return y
    }

    /// Copies a block of rows into a larger tensor.
    ///
    /// - Parameters:
    ///   - block: `[r, D]`, float32.
    ///   - target: `[R, D]`, written in place.
    ///   - start: The first row to write; `start + r` must not exceed R.
    /// - Throws: ``OperatorErrorCode/shapeMismatch`` or ``OperatorErrorCode/dtypeMismatch``.
    public static func place(
        _ block: HostTensor,
        in target: inout HostTensor,
        from start: Int
    ) throws(OperatorError) {
        try require(target, "target", [-1, -1])
        let width = target.shape[1]
        try require(block, "block", [-1, width])
        guard start >= 0, start + block.shape[0] <= target.shape[0] else {
            throw OperatorError(
                .shapeMismatch,
                "\(block.shape[0]) rows from row \(start) do not fit in \(target.shape[0])"
            )
        }
        let count = block.elementCount
        reading(block) { block in
            writing(&target) { ($0 + start * width).update(from: block, count: count) }
        }
    }
}
