/// Where the stages of a pipeline lie, and which way chunks travel.
///
/// A *route* is one direction of travel through all stages. A rank holds one stage per *phase*:
///
/// | kind | routes | stages | phase 0 of rank r | phase 1 of rank r |
/// |---|---|---|---|---|
/// | 1F1B, ZB1P | 1 | P | stage r | – |
/// | DualPipe | 2 | P | stage r, route 0 | stage P-1-r, route 1 |
/// | DualPipeV | 1 | 2P | stage r | stage 2P-1-r |
///
/// In DualPipe route 0 runs from rank 0 to rank P-1 and route 1 back, each with half the chunks.
public struct PipelineTopology: Hashable, Sendable {
    /// The schedule's kind.
    public let kind: PipelineKind
    /// P, the number of ranks.
    public let rankCount: Int

    /// Describes the pipeline of `rankCount` ranks.
    public init(kind: PipelineKind, rankCount: Int) {
        self.kind = kind
        self.rankCount = rankCount
    }

    /// The directions of travel.
    public var routeCount: Int { kind == .dualPipe ? 2 : 1 }

    /// The stages of the model.
    public var stageCount: Int { kind == .dualPipeV ? 2 * rankCount : rankCount }

    /// The stages each rank holds.
    public var phaseCount: Int { kind.isBidirectional ? 2 : 1 }

    /// One stage as seen by the chunks of one route.
    public struct Place: Hashable, Sendable {
        /// The direction of travel.
        public var route: Int
        /// The stage, counted along the model.
        public var stage: Int

        /// Names a stage of a route.
        public init(route: Int, stage: Int) {
            self.route = route
            self.stage = stage
        }
    }

    /// The stage that a rank holds in a phase, and the route that passes through it.
    public func place(rank: Int, phase: Int) -> Place {
        switch kind {
        case .oneForwardOneBackward, .zeroBubble: Place(route: 0, stage: rank)
        case .dualPipe: Place(route: phase, stage: phase == 0 ? rank : rankCount - 1 - rank)
        case .dualPipeV: Place(route: 0, stage: phase == 0 ? rank : 2 * rankCount - 1 - rank)
        }
    }

    /// The rank and phase that hold a stage for a route: the inverse of ``place(rank:phase:)``.
    public func location(of place: Place) -> (rank: Int, phase: Int) {
        switch kind {
        case .oneForwardOneBackward, .zeroBubble: (place.stage, 0)
        case .dualPipe:
            (place.route == 0 ? place.stage : rankCount - 1 - place.stage, place.route)
        case .dualPipeV:
            place.stage < rankCount ? (place.stage, 0) : (2 * rankCount - 1 - place.stage, 1)
        }
    }

    /// The rank that feeds a route's inputs.
    public func entryRank(route: Int) -> Int {
        location(of: Place(route: route, stage: 0)).rank
    }

    /// The rank that holds a route's last stage: it takes the labels and returns the losses.
    public func exitRank(route: Int) -> Int {
        location(of: Place(route: route, stage: stageCount - 1)).rank
    }
}
