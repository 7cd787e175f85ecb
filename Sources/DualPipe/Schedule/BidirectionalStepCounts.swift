/// How often one rank repeats each of the eight steps of DualPipe and DualPipeV.
///
/// With H = P/2, h = min(r, P-1-r) and M = C/2 for DualPipe:
///
/// | step | DualPipe | DualPipeV | body |
/// |---|---|---|---|
/// | 1 | 2(H-h-1) | 2(P-r-1) | F0 |
/// | 2 | h+1 | r+1 | F0 F1 |
/// | 3 | H-h-1 | P-r-1 | Bi1 W F1 |
/// | 4 | M-P+h+1 | C-2P+r+1 | F0&B1, F1&B0 |
/// | 5 | H-h-1 | P-r-1 | B1, F1&B0 |
/// | 6 | h+1 | r+1 | B1 B0 |
/// | 7 | H-h-1 | P-r-1 | W Bi0 |
/// | 8 | h+1 | r+1 | W |
///
/// Both columns are one formula: a DualPipeV rank behaves like a rank of a DualPipe of twice as
/// many ranks, with as many chunks in each phase as there are in all.
public struct BidirectionalStepCounts: Hashable, Sendable {
    /// Repeats of steps 1 to 8.
    public let repeats: [Int]
    /// Whether the rank sits in the middle, where the two directions meet: its first pair of
    /// step 4 runs unfused, which shortens the bubble.
    public let isMiddle: Bool
    /// Whether the rank lies in the second half of a DualPipe, where its own direction is phase 1.
    public let swapsPhases: Bool

    /// Computes the counts of one rank; the arguments must suit the kind.
    public init(kind: PipelineKind, rank: Int, rankCount: Int, chunkCount: Int) {
        let isV = kind == .dualPipeV
        let half = isV ? rankCount : rankCount / 2
        let depth = isV ? rank : min(rank, rankCount - 1 - rank)
        let chunksPerPhase = isV ? chunkCount : chunkCount / 2
        let outer = half - depth - 1
        let inner = depth + 1
        repeats = [
            2 * outer, inner, outer, chunksPerPhase - 2 * half + inner, outer, inner, outer, inner,
        ]
        isMiddle = outer == 0
        swapsPhases = !isV && rank >= half
    }
}
