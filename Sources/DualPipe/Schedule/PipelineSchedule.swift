public import InfraCore

/// The operations of every rank for one step over a batch, in the order each rank runs them.
///
/// Making one is a pure function of kind, ranks and chunks; nothing is executed. The simulator
/// (``PipelineSimulation``) proves it free of deadlock, the executor (``PipelineExecutor``)
/// runs it.
public struct PipelineSchedule: Hashable, Sendable {
    /// Which rank holds which stage.
    public let topology: PipelineTopology
    /// C, the chunks of a step over all routes.
    public let chunkCount: Int
    /// `operations[r]` is what rank `r` does, first to last.
    public let operations: [[PipelineOp]]

    /// Most cells (ranks x phases x chunks) of one schedule: bounds memory and simulation time.
    public static let maximumCellCount = 1 << 22

    /// Generates the schedule of a kind.
    ///
    /// - Parameters:
    ///   - kind: Which schedule.
    ///   - rankCount: P, at least 1; even for DualPipe.
    ///   - chunkCount: C, at least 1; for DualPipe even and at least 2P, for DualPipeV at
    ///     least 2P.
    /// - Throws: ``PipelineErrorCode/invalidRanks`` or ``PipelineErrorCode/invalidChunks``.
    public init(kind: PipelineKind, rankCount: Int, chunkCount: Int) throws(PipelineError) {
        try Self.check(kind: kind, rankCount: rankCount, chunkCount: chunkCount)
        let lists = (0..<rankCount).map { rank in
            switch kind {
            case .oneForwardOneBackward:
                Self.oneForwardOneBackward(rank: rank, rankCount: rankCount, chunks: chunkCount)
            case .zeroBubble:
                Self.zeroBubble(rank: rank, rankCount: rankCount, chunks: chunkCount)
            case .dualPipe, .dualPipeV:
                Self.bidirectional(
                    BidirectionalStepCounts(
                        kind: kind,
                        rank: rank,
                        rankCount: rankCount,
                        chunkCount: chunkCount
                    )
                )
            }
        }
        self.init(
            topology: PipelineTopology(kind: kind, rankCount: rankCount),
            chunkCount: chunkCount,
            operations: lists
        )
    }

    /// Takes operations as they are, such as those of a schedule of one's own.
    ///
    /// Nothing is checked here; ``PipelineSimulation`` does that.
    ///
    /// - Parameters:
    ///   - topology: Which rank holds which stage.
    ///   - chunkCount: C, over all routes.
    ///   - operations: One list a rank.
    public init(topology: PipelineTopology, chunkCount: Int, operations: [[PipelineOp]]) {
        self.topology = topology
        self.chunkCount = chunkCount
        self.operations = operations
    }

    /// The schedule's kind.
    public var kind: PipelineKind { topology.kind }
    /// P, the number of ranks.
    public var rankCount: Int { topology.rankCount }
    /// The chunks that travel each route.
    public var chunksPerRoute: Int { chunkCount / topology.routeCount }

    /// The same order of forward passes without any backward: what an evaluation step runs.
    public var forwardOnly: PipelineSchedule {
        PipelineSchedule(
            topology: topology,
            chunkCount: chunkCount,
            operations: operations.map { $0.compactMap { $0.forwardCell.map(PipelineOp.forward) } }
        )
    }

    /// Checks that a kind of schedule exists for these counts.
    private static func check(
        kind: PipelineKind,
        rankCount: Int,
        chunkCount: Int
    ) throws(PipelineError) {
        let name = kind.rawValue
        guard rankCount >= 1, kind != .dualPipe || rankCount.isMultiple(of: 2) else {
            let allowed = kind == .dualPipe ? "an even count of at least 2" : "at least 1"
            throw PipelineError(.invalidRanks, "ranks is \(rankCount); \(name) needs \(allowed)")
        }
        let least = kind.isBidirectional ? 2 * rankCount : 1
        guard chunkCount >= least, kind != .dualPipe || chunkCount.isMultiple(of: 2) else {
            let parity = kind == .dualPipe ? "an even count of " : ""
            throw PipelineError(
                .invalidChunks,
                "chunks is \(chunkCount); \(name) with \(rankCount) ranks needs "
                    + "\(parity)at least \(least)"
            )
        }
        guard rankCount <= maximumCellCount / 2 / chunkCount else {
            throw PipelineError(
                .invalidChunks,
                "chunks is \(chunkCount); with \(rankCount) ranks at most "
                    + "\(maximumCellCount / 2 / rankCount) are allowed"
            )
        }
    }
}
