public import Collectives
public import InfraCore
import Operators
public import Tensors

/// The exchange between ranks that each hold an equal share of the experts, over any transport.
///
/// One all-to-all carries rows, one their weights and counts. Rows of an expert are ordered by
/// source rank and token, and sums by slot, so results do not depend on arrival times.
public final class CommunicatorExpertExchange: ExpertExchange {
    /// Which row belongs to which pair of token and slot, here and on the other ranks.
    public struct Handle {
        /// The pair (token · K + slot) of each row sent, sorted by expert.
        let pairs: [Int]
        let tokenCount: Int
        let slotCount: Int
        /// How many rows go to each rank.
        let sentCounts: [Int]
        /// How many rows came from each rank.
        let receivedCounts: [Int]
        /// For each row sorted by expert, its place among the rows as they arrived.
        let arrivals: [Int]
    }

    private let communicator: Communicator
    private let expertCount: Int
    /// The experts this rank holds.
    public let localExperts: Range<Int>

    /// This rank's end of an exchange.
    ///
    /// - Parameters:
    ///   - communicator: The ranks that share the experts.
    ///   - expertCount: How many experts there are; a multiple of the number of ranks.
    /// - Throws: ``TrainingErrorCode/invalidConfiguration`` if they do not divide.
    public init(communicator: Communicator, expertCount: Int) throws(TrainingError) {
        guard expertCount.isMultiple(of: communicator.rankCount) else {
            throw TrainingError(
                .invalidConfiguration,
                "\(expertCount) experts do not divide over \(communicator.rankCount) "
                    + "expert-parallel ranks"
            )
        }
        let share = expertCount / communicator.rankCount
        self.communicator = communicator
        self.expertCount = expertCount
        localExperts = communicator.rank * share..<(communicator.rank + 1) * share
    }

    /// Sends each token to the ranks of its experts; see ``ExpertExchange``.
    public func dispatch(
        _ x: HostTensor,
        experts: HostTensor,
        weights: HostTensor
    ) throws -> (rows: DispatchedRows, handle: Handle) {
        let (pairs, counts) = ExpertSort.byExpert(experts, expertCount: expertCount)
        let share = localExperts.count
        let tables = try communicator.allToAll(
            (0..<communicator.rankCount).map { rank in
                [HostTensor(counts[rank * share..<(rank + 1) * share].map { Int64($0) })]
            }
        ).map { lists in
            (lists.first.flatMap(\.self)?.elements(of: Int64.self) ?? []).map { Int($0) }
        }
        guard tables.allSatisfy({ $0.count == share }) else {
            throw TrainingError(
                .exchangeFailure,
                "a rank sent counts for \(tables.map(\.count)) experts; each must send \(share)"
            )
        }
        let handle = Handle(
            pairs: pairs,
            tokenCount: experts.shape[0],
            slotCount: experts.shape[1],
            sentCounts: (0..<communicator.rankCount).map { rank in
                counts[rank * share..<(rank + 1) * share].reduce(0, +)
            },
            receivedCounts: tables.map { $0.reduce(0, +) },
            arrivals: Self.arrivals(tables)
        )
        let flat = weights.elements(of: Float.self)
        let sent = HostTensor(pairs.map { flat[$0] }, shape: [pairs.count, 1])
        let rows = DispatchedRows(
            x: try dispatch(x, along: handle),
            weights: try deliver(sent, handle).reshaped(to: [handle.arrivals.count]),
            counts: (0..<share).map { expert in tables.reduce(0) { $0 + $1[expert] } }
        )
        return (rows, handle)
    }

    /// Sends other tokens along a known routing; see ``ExpertExchange``.
    public func dispatch(_ x: HostTensor, along handle: Handle) throws -> HostTensor {
        try deliver(
            ExpertSort.tokenRows(x, pairs: handle.pairs, slotCount: handle.slotCount),
            handle
        )
    }

    /// Sends rows back and sums them in slot order; see ``ExpertExchange``.
    public func combine(
        _ rows: HostTensor,
        rowWeights: HostTensor?,
        along handle: Handle
    ) throws -> (sum: HostTensor, weights: HostTensor?) {
        let bySlot = try ExpertSort.slotRows(try sendBack(rows, handle), pairs: handle.pairs)
        let sum = try ExpertSort.sumOverSlots(bySlot, slotCount: handle.slotCount)
        guard let rowWeights else { return (sum, nil) }
        let column = try rowWeights.reshaped(to: [rowWeights.elementCount, 1])
        let weights = try ExpertSort.slotRows(try sendBack(column, handle), pairs: handle.pairs)
        return (sum, try weights.reshaped(to: [handle.tokenCount, handle.slotCount]))
    }

    /// Rows sorted by expert on the sender become rows sorted by local expert on the receiver.
    private func deliver(_ rows: HostTensor, _ handle: Handle) throws -> HostTensor {
        let arrived = try communicator.allToAll(rows: rows, counts: handle.sentCounts).rows
        return try Embedding.forward(handle.arrivals.map { Int32($0) }, table: arrived)
    }

    /// The inverse of ``deliver(_:_:)``.
    private func sendBack(_ rows: HostTensor, _ handle: Handle) throws -> HostTensor {
        let order = ExpertSort.inverse(handle.arrivals).map { Int32($0) }
        let asArrived = try Embedding.forward(order, table: rows)
        return try communicator.allToAll(rows: asArrived, counts: handle.receivedCounts).rows
    }

    /// Rows arrive sorted by source, then expert; lists them sorted by expert, then source.
    ///
    /// - Parameter tables: For each source, how many rows it sent for each local expert.
    private static func arrivals(_ tables: [[Int]]) -> [Int] {
        var starts: [[Int]] = []
        var next = 0
        for table in tables {
            var row: [Int] = []
            for count in table {
                row.append(next)
                next += count
            }
            starts.append(row)
        }
        var arrivals: [Int] = []
        arrivals.reserveCapacity(next)
        for expert in 0..<(tables.first?.count ?? 0) {
            for (source, table) in tables.enumerated() {
                let start = starts[source][expert]
                arrivals.append(contentsOf: start..<start + table[expert])
            }
        }
        return arrivals
    }
}
