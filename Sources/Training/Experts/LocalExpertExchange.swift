import InfraCore
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
        try ExpertSort.tokenRows(x, pairs: handle.pairs, slotCount: handle.slotCount)
    }

    /// Sums each token's rows in slot order; see ``ExpertExchange``.
    public func combine(
        _ rows: HostTensor,
        rowWeights: HostTensor?,
        along handle: Handle
    ) throws -> (sum: HostTensor, weights: HostTensor?) {
        let bySlot = try ExpertSort.slotRows(rows, pairs: handle.pairs)
        let sum = try ExpertSort.sumOverSlots(bySlot, slotCount: handle.slotCount)
        let weights = try rowWeights.map { numbers in
            let column = try numbers.reshaped(to: [numbers.elementCount, 1])
            return try ExpertSort.slotRows(column, pairs: handle.pairs)
                .reshaped(to: [handle.tokenCount, handle.slotCount])
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

    /// The token of each row.
    static func tokenRows(
        _ x: HostTensor,
        pairs: [Int],
        slotCount: Int
    ) throws(OperatorError) -> HostTensor {
        try Embedding.forward(pairs.map { Int32($0 / slotCount) }, table: x)
    }

    /// Rows sorted by expert, put back in the order of token and slot.
    static func slotRows(_ rows: HostTensor, pairs: [Int]) throws(OperatorError) -> HostTensor {
        try Embedding.forward(inverse(pairs).map { Int32($0) }, table: rows)
    }

    /// The sum of each token's rows, given in the order of token and slot, which fixes the order
    /// of additions.
    static func sumOverSlots(
        _ rows: HostTensor,
        slotCount: Int
    ) throws(OperatorError) -> HostTensor {
        var sum = HostTensor(zeros: [rows.shape[0] / slotCount, rows.shape[1]])
        let tokens = (0..<rows.shape[0]).map { Int32($0 / slotCount) }
        try Embedding.addTableGradient(rows, tokens: tokens, to: &sum)
        return sum
    }

    /// Where each pair went: the inverse permutation.
    static func inverse(_ pairs: [Int]) -> [Int] {
        var rows = [Int](repeating: 0, count: pairs.count)
        for (row, pair) in pairs.enumerated() { rows[pair] = row }
        return rows
    }
}
