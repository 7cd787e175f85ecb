import DualPipe
import InfraCore
import Testing

@Suite("Properties of every schedule")
struct SchedulePropertyTests {
    /// Kinds, ranks and chunks: smallest, small, odd where allowed, and ample.
    static let cases: [(PipelineKind, Int, Int)] = PipelineKind.allCases.flatMap { kind in
        (1...12).flatMap { ranks -> [(PipelineKind, Int, Int)] in
            if kind == .dualPipe, ranks % 2 == 1 { return [] }
            let counts =
                kind.isBidirectional
                ? [2 * ranks, 2 * ranks + 2, 5 * ranks + ranks % 2]
                : [1, 2, ranks, 2 * ranks + 1, 5 * ranks]
            return Set(counts).sorted().map { (kind, ranks, $0) }
        }
    }

    @Test("each cell has one F and one B, or one Bi before one W; nothing waits at the end")
    func everyCellOnce() throws {
        for (kind, ranks, chunks) in Self.cases {
            let schedule = try PipelineSchedule(kind: kind, rankCount: ranks, chunkCount: chunks)
            for operations in schedule.operations {
                let cells = Set(
                    (0..<schedule.topology.phaseCount).flatMap { phase in
                        (0..<schedule.chunksPerRoute).map { PipelineCell(phase: phase, chunk: $0) }
                    }
                )
                #expect(Set(operations.compactMap(\.forwardCell)) == cells)
                #expect(operations.compactMap(\.forwardCell).count == cells.count)
                #expect(Set(operations.compactMap(\.backwardCell)) == cells)
                #expect(operations.compactMap(\.backwardCell).count == cells.count)
                #expect(Set(operations.compactMap(\.weightCell)) == cells)
                #expect(operations.compactMap(\.weightCell).count == cells.count)
                var waiting: [PipelineCell] = []
                for op in operations {
                    if case .backwardInput(let cell) = op { waiting.append(cell) }
                    if case .backwardWeight(let cell) = op {
                        // First in, first out.
                        #expect(waiting.first == cell)
                        waiting.removeFirst()
                    }
                }
                #expect(waiting.isEmpty)
            }
        }
    }

    @Test("the replay ends, and every operation starts after what it needs")
    func dependenciesHold() throws {
        for (kind, ranks, chunks) in Self.cases {
            let schedule = try PipelineSchedule(kind: kind, rankCount: ranks, chunkCount: chunks)
            let topology = schedule.topology
            let simulation = try PipelineSimulation(
                schedule,
                times: try PipelineTimes(forward: 1, backward: 2.25, weight: 0.75, overlapped: 2.5)
            )
            var forwardEnds: [PipelineTopology.Place: [Int: Double]] = [:]
            var backwardEnds = forwardEnds
            for (rank, operations) in schedule.operations.enumerated() {
                for (op, span) in zip(operations, simulation.ranks[rank].spans) {
                    if let cell = op.forwardCell {
                        let place = topology.place(rank: rank, phase: cell.phase)
                        forwardEnds[place, default: [:]][cell.chunk] = span.end
                    }
                    if let cell = op.backwardCell {
                        let place = topology.place(rank: rank, phase: cell.phase)
                        backwardEnds[place, default: [:]][cell.chunk] = span.end
                    }
                }
            }
            for (rank, operations) in schedule.operations.enumerated() {
                for (op, span) in zip(operations, simulation.ranks[rank].spans) {
                    if let cell = op.forwardCell {
                        var place = topology.place(rank: rank, phase: cell.phase)
                        place.stage -= 1
                        if place.stage >= 0 {
                            #expect(try #require(forwardEnds[place]?[cell.chunk]) <= span.start)
                        }
                    }
                    if let cell = op.backwardCell {
                        var place = topology.place(rank: rank, phase: cell.phase)
                        #expect(try #require(forwardEnds[place]?[cell.chunk]) <= span.start)
                        place.stage += 1
                        if place.stage < topology.stageCount {
                            #expect(try #require(backwardEnds[place]?[cell.chunk]) <= span.start)
                        }
                    }
                }
            }
        }
    }

    @Test("with ample chunks the bubble is the published formula on every rank")
    func bubbleFormula() throws {
        let times = try PipelineTimes()
        for (kind, ranks, chunks) in Self.cases where chunks >= 2 * ranks {
            let schedule = try PipelineSchedule(kind: kind, rankCount: ranks, chunkCount: chunks)
            let simulation = try PipelineSimulation(schedule, times: times)
            let formula = times.formulaBubble(of: schedule.topology)
            #expect(
                simulation.ranks.allSatisfy { $0.bubble == formula },
                "\(kind) \(ranks) \(chunks)"
            )
        }
    }

    @Test("peak activations and waiting weights stay within the published bounds")
    func peaks() throws {
        for (kind, ranks, chunks) in Self.cases where chunks >= 2 * ranks {
            let schedule = try PipelineSchedule(kind: kind, rankCount: ranks, chunkCount: chunks)
            let stages = schedule.topology.stageCount
            let results = try PipelineSimulation(schedule, times: try PipelineTimes()).ranks
            for (rank, result) in results.enumerated() {
                switch kind {
                case .oneForwardOneBackward:
                    #expect(result.peakActivations == ranks - rank)
                    #expect(result.peakWeightBacklog == 0)
                case .zeroBubble:
                    #expect(result.peakActivations == ranks)
                    #expect(result.peakWeightBacklog == rank + 1)
                case .dualPipe:
                    #expect(result.peakActivations == stages + 1)
                    #expect(result.peakWeightBacklog == min(rank, ranks - 1 - rank) + 1)
                case .dualPipeV:
                    #expect(result.peakActivations == stages + 1)
                    #expect(result.peakWeightBacklog == rank + 1)
                }
            }
        }
    }

    @Test("forward-only replays keep every F and nothing else, and do not deadlock")
    func forwardOnly() throws {
        for (kind, ranks, chunks) in Self.cases {
            let schedule = try PipelineSchedule(kind: kind, rankCount: ranks, chunkCount: chunks)
            let forward = schedule.forwardOnly
            _ = try PipelineSimulation(forward, times: try PipelineTimes())
            for (all, only) in zip(schedule.operations, forward.operations) {
                #expect(only == all.compactMap(\.forwardCell).map(PipelineOp.forward))
            }
        }
    }

    @Test("rank and phase lead to a stage, and the stage back to them")
    func topologyRoundTrip() {
        for kind in PipelineKind.allCases {
            for ranks in [2, 4, 6] {
                let topology = PipelineTopology(kind: kind, rankCount: ranks)
                var places = Set<PipelineTopology.Place>()
                for rank in 0..<ranks {
                    for phase in 0..<topology.phaseCount {
                        let place = topology.place(rank: rank, phase: phase)
                        places.insert(place)
                        let back = topology.location(of: place)
                        #expect(back.rank == rank && back.phase == phase)
                    }
                }
                #expect(places.count == topology.routeCount * topology.stageCount)
            }
        }
        let dualPipe = PipelineTopology(kind: .dualPipe, rankCount: 4)
        #expect(dualPipe.entryRank(route: 0) == 0 && dualPipe.exitRank(route: 0) == 3)
        #expect(dualPipe.entryRank(route: 1) == 3 && dualPipe.exitRank(route: 1) == 0)
        let v = PipelineTopology(kind: .dualPipeV, rankCount: 4)
        #expect(v.entryRank(route: 0) == 0 && v.exitRank(route: 0) == 0)
    }

    @Test(
        "counts that do not fit are refused with the count found and the counts allowed",
        arguments: [
            (
                PipelineKind.dualPipe, 8, 10,
                "chunks is 10; dualpipe with 8 ranks needs an even count of at least 16"
            ),
            (
                .dualPipe, 8, 17,
                "chunks is 17; dualpipe with 8 ranks needs an even count of at least 16"
            ),
            (.dualPipe, 3, 20, "ranks is 3; dualpipe needs an even count of at least 2"),
            (.dualPipe, 0, 20, "ranks is 0; dualpipe needs an even count of at least 2"),
            (.dualPipeV, 4, 7, "chunks is 7; dualpipev with 4 ranks needs at least 8"),
            (.dualPipeV, 0, 7, "ranks is 0; dualpipev needs at least 1"),
            (.oneForwardOneBackward, 4, 0, "chunks is 0; 1f1b with 4 ranks needs at least 1"),
            (.zeroBubble, -1, 4, "ranks is -1; zb1p needs at least 1"),
            (
                .zeroBubble, 1024, 1 << 20,
                "chunks is 1048576; with 1024 ranks at most 2048 are allowed"
            ),
        ]
    )
    func refusals(_ kind: PipelineKind, _ ranks: Int, _ chunks: Int, _ message: String) throws {
        let error = try #require(throws: PipelineError.self) {
            try PipelineSchedule(kind: kind, rankCount: ranks, chunkCount: chunks)
        }
        #expect(error.message == message)
        let isRanks = message.hasPrefix("ranks")
        #expect(error.code == (isRanks ? .invalidRanks : .invalidChunks))
    }
}
