public import InfraCore

/// How the rows of a grouped product belong to the matrices of B (the experts of a layer).
public enum RowGrouping: Int, Sendable, Hashable, CaseIterable {
    /// One matrix.
    case dense = 0
    /// Groups follow each other, each padded to a multiple of 128 rows; each row names its group,
    /// -1 for padding.
    case contiguous = 1
    /// Every group has its own plane of A and D and a count of valid rows.
    case masked = 2
    /// Groups follow each other, each starting at a multiple of 128; each group names its end.
    case prefix = 3
}

/// Rows sorted by group, as the contiguous product takes them.
public struct ContiguousGroups: Sendable, Hashable {
    /// Every group starts at a multiple of this many rows.
    public static let alignment = 128
    /// Each row's group; -1 for padding.
    public let rowGroups: [Int32]

    /// Lays out groups of given sizes, padded to ``alignment``.
    ///
    /// - Parameter counts: Rows of each group; none is negative.
    public init(counts: [Int]) {
        var rows: [Int32] = []
        for (group, count) in counts.enumerated() {
            precondition(count >= 0, "counts[\(group)] is \(count); it must not be negative")
            rows += [Int32](repeating: Int32(group), count: count)
            let padding = (Self.alignment - count % Self.alignment) % Self.alignment
            rows += [Int32](repeating: -1, count: padding)
        }
        rowGroups = rows
    }

    /// Takes the group of each row as it is.
    ///
    /// - Parameters:
    ///   - rowGroups: Each row's group; -1 for padding.
    ///   - groupCount: How many groups there are.
    /// - Throws: ``GEMMErrorCode/outOfRange`` for a group that does not exist or for a block of 128
    ///   rows that mixes groups.
    public init(rowGroups: [Int32], groupCount: Int) throws(GEMMError) {
        for (row, group) in rowGroups.enumerated() {
            guard group >= -1, group < groupCount else {
                throw GEMMError(
                    .outOfRange,
                    "rowGroups[\(row)] is \(group); it must be -1 or below \(groupCount)"
                )
            }
            let first = rowGroups[row / Self.alignment * Self.alignment]
            guard group == first || group == -1 else {
                throw GEMMError(
                    .outOfRange,
                    "rowGroups[\(row)] is \(group) in a block of \(Self.alignment) rows that "
                        + "starts with group \(first): pad every group to a multiple of "
                        + "\(Self.alignment) rows"
                )
            }
        }
        self.rowGroups = rowGroups
    }
}
