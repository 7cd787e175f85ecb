public import InfraCore
public import Tensors

/// Cutting rows into parts and joining parts into rows: attention heads carry a rotary and a
/// plain part side by side.
///
/// Letters: M rows; A and B the widths of the left and right part.
public enum FeatureColumns {
    /// Cuts every row in two.
    ///
    /// - Parameters:
    ///   - x: `[.., A + B]`, float32; all axes but the last count as rows.
    ///   - left: A, the width of the left part.
    /// - Returns: The parts `[.., A]` and `[.., B]`, copied.
    /// - Throws: ``OperatorErrorCode/shapeMismatch`` or ``OperatorErrorCode/dtypeMismatch``.
    public static func split(
        _ x: HostTensor,
        at left: Int
    ) throws(OperatorError) -> (left: HostTensor, right: HostTensor) {
        try require(x, "x", x.shape)
        guard let width = x.shape.last, (0...width).contains(left) else {
            throw OperatorError(.shapeMismatch, "cannot cut shape \(x.shape) at column \(left)")
        }
        let right = width - left
        let outer = Array(x.shape.dropLast())
        let rows = outer.reduce(1, *)
        var a = HostTensor(uninitialized: outer + [left])
        var b = HostTensor(uninitialized: outer + [right])
        reading(x) { x in
            writing(&a) { a in
                writing(&b) { b in
                    for row in 0..<rows {
                        let source = x + row * width
                        (a + row * left).update(from: source, count: left)
                        (b + row * right).update(from: source + left, count: right)
                    }
                }
            }
        }
        return (a, b)
    }

    /// Joins rows side by side.
    ///
    /// - Parameters:
    ///   - a: `[M, H, A]`, float32.
    ///   - b: `[M, H, B]`, or `[M, B]` to repeat the same part for each of the H heads.
    /// - Returns: `[M, H, A + B]`.
    /// - Throws: ``OperatorErrorCode/shapeMismatch`` or ``OperatorErrorCode/dtypeMismatch``.
    public static func join(
        _ a: HostTensor,
        _ b: HostTensor
    ) throws(OperatorError) -> HostTensor {
        try require(a, "a", [-1, -1, -1])
        let (rows, heads, left) = (a.shape[0], a.shape[1], a.shape[2])
        let repeats = b.rank == 2
        try require(b, "b", repeats ? [rows, -1] : [rows, heads, -1])
        let right = b.shape[b.rank - 1]
        let width = left + right
        var y = HostTensor(uninitialized: [rows, heads, width])
        reading(a, b) { a, b in
            writing(&y) { y in
                for unit in 0..<rows * heads {
                    let target = y + unit * width
                    let source = b + (repeats ? unit / heads : unit) * right
                    target.update(from: a + unit * left, count: left)
                    (target + left).update(from: source, count: right)
                }
            }
        }
        return y
    }

    /// Sums over heads: the gradient of a part that ``join(_:_:)`` repeated.
    ///
    /// - Parameter x: `[M, H, D]`, float32.
    /// - Returns: `[M, D]`, summed in head order.
    /// - Throws: ``OperatorErrorCode/shapeMismatch`` or ``OperatorErrorCode/dtypeMismatch``.
    public static func sumOverHeads(_ x: HostTensor) throws(OperatorError) -> HostTensor {
        try require(x, "x", [-1, -1, -1])
        let (rows, heads, width) = (x.shape[0], x.shape[1], x.shape[2])
        var y = HostTensor(zeros: [rows, width])
        reading(x) { x in
            writing(&y) { y in
                for row in 0..<rows {
                    for head in 0..<heads {
                        let source = x + (row * heads + head) * width
                        for i in 0..<width { y[row * width + i] += source[i] }
                    }
                }
            }
        }
        return y
    }
}
