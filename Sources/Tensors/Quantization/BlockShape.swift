/// The part of a matrix that shares one scale.
public struct BlockShape: Sendable, Hashable {
    /// Rows of a block.
    public let rows: Int
    /// Columns of a block.
    public let columns: Int

    /// A block of another size than the usual two; both sizes must be positive.
    public init(rows: Int, columns: Int) {
        precondition(rows > 0 && columns > 0, "a block of \(rows) x \(columns) holds nothing")
        self.rows = rows
        self.columns = columns
    }

    /// 1 x 128: activations, one scale for 128 neighbouring channels of one token.
    public static let tokenGroup = BlockShape(rows: 1, columns: 128)
    /// 128 x 128: weights.
    public static let weightTile = BlockShape(rows: 128, columns: 128)

    /// The shape of the scales that belong to values of shape `[..., rows, columns]`: the last
    /// two axes divided by the block, rounded up. One axis counts as one row.
    public func scaleShape(forValues shape: [Int]) -> [Int] {
        var result = shape
        if let last = shape.indices.last {
            result[last] = (shape[last] + columns - 1) / columns
            if last > 0 { result[last - 1] = (shape[last - 1] + rows - 1) / rows }
        }
        return result
    }
}

/// Which numbers a scale may be.
public enum ScaleRounding: Sendable, Hashable, CaseIterable {
    /// Any binary32: the block's largest magnitude becomes exactly 448.
    case exact
    /// The next power of two upwards, which ``UE8M0`` holds: multiplying by it is exact, and
    /// Blackwell's tensor cores take no other. Costs up to one bit of precision.
    case powerOfTwo
}
