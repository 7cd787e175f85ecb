public import InfraCore
public import Tensors

/// Rows of a table chosen by index, and the gradient that flows back into them.
public enum Embedding {
    /// Gathers rows.
    ///
    /// - Parameters:
    ///   - tokens: M row indices.
    ///   - table: `[V, D]`, float32.
    /// - Returns: `[M, D]`.
    /// - Throws: ``OperatorErrorCode/outOfRange`` naming the first index that is no row.
    public static func forward(
        _ tokens: [Int32],
        table: HostTensor
    ) throws(OperatorError) -> HostTensor {
        try require(table, "table", [-1, -1])
        let (vocabulary, width) = (table.shape[0], table.shape[1])
        try check(tokens, vocabulary)
        var rows = HostTensor(uninitialized: [tokens.count, width])
        reading(table) { table in
            writing(&rows) { rows in
                for (row, token) in tokens.enumerated() {
                    (rows + row * width).update(from: table + Int(token) * width, count: width)
                }
            }
        }
        return rows
    }

    /// Adds each gradient row to the row of the table it came from, in token order.
    ///
    /// - Parameters:
    ///   - dy: `[M, D]`.
    ///   - tokens: The indices given to ``forward(_:table:)``.
    ///   - gradient: `[V, D]`, added to in place.
    /// - Throws: ``OperatorErrorCode/shapeMismatch`` or ``OperatorErrorCode/outOfRange``.
    public static func addTableGradient(
        _ dy: HostTensor,
        tokens: [Int32],
        to gradient: inout HostTensor
    ) throws(OperatorError) {
        try require(gradient, "gradient", [-1, -1])
        let width = gradient.shape[1]
        try require(dy, "dy", [tokens.count, width])
        try check(tokens, gradient.shape[0])
        reading(dy) { dy in
            writing(&gradient) { gradient in
                for (row, token) in tokens.enumerated() {
                    let (target, source) = (gradient + Int(token) * width, dy + row * width)
                    for i in 0..<width { target[i] += source[i] }
                }
            }
        }
    }

    private static func check(_ tokens: [Int32], _ vocabulary: Int) throws(OperatorError) {
        if let stray = tokens.first(where: { $0 < 0 || Int($0) >= vocabulary }) {
            throw OperatorError(.outOfRange, "token \(stray) is outside 0..<\(vocabulary)")
        }
    }
}
