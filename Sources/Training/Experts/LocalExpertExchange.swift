import Operators
public import Tensors

/// The exchange of a single rank that holds all experts: a sort by expert, no communication.
public final class LocalExpertExchange: ExpertExchange {
    /// Which row belongs to which pair of token and slot.
    public struct Handle {
        /// The routing's plan: `pairs[r]` is token · K + slot of row r.
        let pairs: [Int]
        let tokenCount: Int
        let slotCount: Int
    }

    /// All experts.
    public let localExperts: Range<Int>

    /// An exchange for `expertCount` experts on one rank.
    public init(expertCount: Int) { localExperts = 0..<expertCount }

    /// Sorts the pairs of token and expert by expert; see ``ExpertExchange``.
    public func dispatch(
        _ x: HostTensor,
        experts: HostTensor,
        weights: HostTensor
    ) throws -> (rows: DispatchedRows, handle: Handle) {
        let (pairs, counts) = ExpertSort.byExpert(experts, expertCount: localExperts.count)
        let handle = Handle(
            pairs: pairs,
            tokenCount: experts.shape[0],
            slotCount: experts.shape[1]
        )
        let flat = weights.elements(of: Float.self)
        let rows = DispatchedRows(
            x: try dispatch(x, along: handle),
            weights: HostTensor(pairs.map { flat[$0] }),
            counts: counts
        )
        return (rows, handle)
    }

    /// Copies each token to its rows; see ``ExpertExchange``.
    public func dispatch(_ x: HostTensor, along handle: Handle) throws -> HostTensor {
        try Embedding.forward(handle.pairs.map { Int32($0 / handle.slotCount) }, table: x)
    }

    /// Sums each token's rows in slot order; see ``ExpertExchange``.
    public func combine(
        _ rows: HostTensor,
        rowWeights: HostTensor?,
        along handle: Handle
    ) throws -> (sum: HostTensor, weights: HostTensor?) {
        let rowOfPair = ExpertSort.inverse(handle.pairs)
        var sum = HostTensor(zeros: [handle.tokenCount, rows.shape[1]])
        // Visiting pairs in order of token and slot fixes the order of additions.
        let bySlot = try Embedding.forward(rowOfPair.map { Int32($0) }, table: rows)
        let tokens = (0..<rowOfPair.count).map { Int32($0 / handle.slotCount) }
        try Embedding.addTableGradient(bySlot, tokens: tokens, to: &sum)
        let weights = rowWeights.map { numbers in
            let flat = numbers.elements(of: Float.self)
            return HostTensor(
                rowOfPair.map { flat[$0] },
                shape: [handle.tokenCount, handle.slotCount]
            )
        }
        return (sum, weights)
    }
}

/// The stable counting sort that turns a routing into rows grouped by expert.
enum ExpertSort {
    /// Sorts the pairs of token and slot by expert, keeping their order within one expert.
    ///
    /// - Parameters:
    ///   - experts: `[M, K]`, int32.
    ///   - expertCount: Experts are numbered below this.
    /// - Returns: The pair (token · K + slot) of each row, and how many rows each expert has.
    static func byExpert(
        _ experts: HostTensor,
        expertCount: Int
    ) -> (pairs: [Int], counts: [Int]) {
        experts.withUnsafeElements(of: Int32.self) { experts in
            var counts = [Int](repeating: 0, count: expertCount)
            for expert in experts { counts[Int(expert)] += 1 }
            var next = [Int](repeating: 0, count: expertCount)
            for expert in 1..<max(1, expertCount) {
                next[expert] = next[expert - 1] + counts[expert - 1]
            }
            var pairs = [Int](repeating: 0, count: experts.count)
            for (pair, expert) in experts.enumerated() {
                pairs[next[Int(expert)]] = pair
                next[Int(expert)] += 1
            }
            return (pairs, counts)
        }
    }

    /// Where each pair went: the inverse permutation.
    static func inverse(_ pairs: [Int]) -> [Int] {
        var rows = [Int](repeating: 0, count: pairs.count)
        for (row, pair) in pairs.enumerated() { rows[pair] = row }
        return rows
    }
}
