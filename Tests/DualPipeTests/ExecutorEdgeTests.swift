import Collectives
import DualPipe
import InfraCore
import Synchronization
import Tensors
import Testing
import Transport

@Suite("What the executor must survive or refuse")
struct ExecutorEdgeTests {
    private static func loss(
        _ outputs: [HostTensor],
        _ labels: [HostTensor],
        _ chunk: Int
    ) -> (loss: Double, outputGradients: [HostTensor?]) {
        (Double(outputs[0].elements(of: Float.self)[0]), [HostTensor([Float(1)])])
    }

    private static let batch = HostTensor(Array(repeating: Float(10), count: 8), shape: [8])

    /// Runs one step and returns the ranks' stages' records.
    private func run(
        _ kind: PipelineKind,
        ranks: Int,
        chunks: Int,
        evaluates: Bool = false,
        stage: @escaping @Sendable (Int) -> ProbeStage
    ) throws -> [(losses: [Double], calls: [[String]], gradientCounts: [[Int]])] {
        let schedule = try PipelineSchedule(kind: kind, rankCount: ranks, chunkCount: chunks)
        return try RankGroup.run(rankCount: ranks) { transport in
            let communicator = Communicator(world: transport, timeout: .seconds(20))
            let topology = schedule.topology
            let stages = (0..<topology.phaseCount).map {
                stage(topology.place(rank: communicator.rank, phase: $0).stage)
            }
            let executor = try PipelineExecutor(
                schedule: schedule,
                communicator: communicator,
                stages: stages
            )
            let inputs = executor.entryRoute == nil ? [] : [Self.batch]
            let labels = executor.exitRoute == nil ? [] : [Self.batch]
            let result =
                evaluates
                ? try executor.evaluate(inputs: inputs)
                : try executor.step(inputs: inputs, labels: labels, loss: Self.loss)
            return (result.losses, stages.map(\.calls), stages.map(\.gradientCounts))
        }
    }

    @Test(
        "each edge has its own shapes, dtypes and number of tensors",
        arguments: PipelineKind.allCases
    )
    func perEdgeShapes(_ kind: PipelineKind) throws {
        let results = try run(kind, ranks: 2, chunks: 4) { ProbeStage($0) }
        let stages = kind == .dualPipeV ? 4 : 2
        let losses = results.flatMap(\.losses)
        #expect(losses == Array(repeating: Double(10 + stages), count: 4))
        for result in results {
            for calls in result.calls {
                #expect(Set(calls).count == calls.count)
                #expect(calls.count == 3 * 4 / (kind == .dualPipe ? 2 : 1))
            }
        }
    }

    @Test("absent gradients travel as such instead of hanging", arguments: PipelineKind.allCases)
    func absentGradients(_ kind: PipelineKind) throws {
        let results = try run(kind, ranks: 2, chunks: 4) {
            ProbeStage($0, dropsGradients: true)
        }
        let last = kind == .dualPipeV ? 3 : 1
        let counts = results.flatMap(\.gradientCounts)
        // Only the last stage, which has the loss, sees any.
        #expect(counts.joined().filter { $0 > 0 }.count == 4)
        #expect(counts.count == (kind.isBidirectional ? last + 1 : 2) * (kind == .dualPipe ? 2 : 1))
    }

    @Test("forward-only runs call no backward and need no labels", arguments: PipelineKind.allCases)
    func evaluation(_ kind: PipelineKind) throws {
        let results = try run(kind, ranks: 2, chunks: 4, evaluates: true) { ProbeStage($0) }
        for calls in results.flatMap(\.calls) {
            #expect(calls.allSatisfy { $0.hasPrefix("F") })
            #expect(!calls.isEmpty)
        }
    }

    @Test("a stage's error ends all ranks at once and is the one that is thrown")
    func stageFails() throws {
        let start = ContinuousClock.now
        #expect(throws: ProbeStage.Failure()) {
            try run(.dualPipeV, ranks: 3, chunks: 8) {
                ProbeStage($0, failsAtChunk: $0 == 2 ? 3 : nil)
            }
        }
        #expect(ContinuousClock.now - start < .seconds(5))
    }

    @Test("a batch that does not divide is refused with shape and chunk count")
    func batchDoesNotDivide() throws {
        let error = try #require(throws: PipelineError.self) {
            try PipelineBatch.chunks(of: [HostTensor(zeros: [10, 2])], count: 4)
        }
        #expect(error.code == .invalidBatch)
        #expect(error.message.contains("inputs[0] has shape [10, 2]; 4 chunks"))
        for shape in [[], [0, 4]] {
            #expect(throws: PipelineError.self) {
                try PipelineBatch.chunks(of: [HostTensor(zeros: shape)], count: 2)
            }
        }
        let chunks = try PipelineBatch.chunks(
            of: [HostTensor((0..<6).map(Float.init), shape: [6])],
            count: 3
        )
        #expect(chunks.map { $0[0].elements(of: Float.self) } == [[0, 1], [2, 3], [4, 5]])
    }

    @Test("inputs and labels are refused on ranks that need none, and missed on those that do")
    func misplacedArguments() throws {
        let schedule = try PipelineSchedule(kind: .zeroBubble, rankCount: 2, chunkCount: 2)
        let messages = try RankGroup.run(rankCount: 2) { transport -> String in
            let executor = try PipelineExecutor(
                schedule: schedule,
                communicator: Communicator(world: transport),
                stages: [ProbeStage(transport.rank)]
            )
            do {
                _ = try executor.step(
                    inputs: transport.rank == 1 ? [Self.batch] : [],
                    loss: Self.loss
                )
                return ""
            } catch let error as PipelineError {
                return error.message
            }
        }
        #expect(messages[0] == "inputs hold 0 chunks on rank 0 of 2; zb1p needs 2 there")
        #expect(messages[1] == "inputs hold 2 chunks on rank 1 of 2; zb1p needs 0 there")
    }

    @Test("stages, ranks and schedules that do not fit are refused before anything runs")
    func wrongParts() throws {
        let schedule = try PipelineSchedule(kind: .dualPipeV, rankCount: 1, chunkCount: 2)
        let two = try PipelineSchedule(kind: .dualPipeV, rankCount: 2, chunkCount: 4)
        let deadlocked = PipelineSchedule(
            topology: PipelineTopology(kind: .zeroBubble, rankCount: 1),
            chunkCount: 1,
            operations: [
                [
                    .backward(PipelineCell(phase: 0, chunk: 0)),
                    .forward(PipelineCell(phase: 0, chunk: 0)),
                ]
            ]
        )
        let codes = try RankGroup.run(rankCount: 1) { transport -> [PipelineErrorCode] in
            let world = Communicator(world: transport)
            let attempts: [(PipelineSchedule, Int)] = [(schedule, 1), (two, 2), (deadlocked, 1)]
            return attempts.compactMap { schedule, count in
                do {
                    _ = try PipelineExecutor(
                        schedule: schedule,
                        communicator: world,
                        stages: (0..<count).map { ProbeStage($0) }
                    )
                    return nil
                } catch {
                    return (error as? PipelineError)?.code
                }
            }
        }
        #expect(codes[0] == [.invalidArguments, .invalidArguments, .deadlock])
    }

    @Test("copies of a stage whose gradients differ in number or shape are refused")
    func gradientMismatch() throws {
        let schedule = try PipelineSchedule(kind: .dualPipe, rankCount: 2, chunkCount: 4)
        for gradients in [[HostTensor([Float(1), 2]), nil], [HostTensor?]([nil])] {
            let error = try #require(throws: PipelineError.self) {
                _ = try RankGroup.run(rankCount: 2) { transport in
                    let stages = (0..<2).map { ProbeStage($0) }
                    if transport.rank == 0 { stages[0].gradients = gradients }
                    let executor = try PipelineExecutor(
                        schedule: schedule,
                        communicator: Communicator(world: transport),
                        stages: stages
                    )
                    _ = try executor.step(
                        inputs: [Self.batch],
                        labels: [Self.batch],
                        loss: Self.loss
                    )
                }
            }
            #expect(error.code == .gradientMismatch)
        }
    }

    @Test("a gradient that only one copy has becomes both copies' sum")
    func oneSidedGradient() throws {
        let schedule = try PipelineSchedule(kind: .dualPipe, rankCount: 2, chunkCount: 4)
        let results = try RankGroup.run(rankCount: 2) { transport -> [[Float]?] in
            let stages = (0..<2).map { ProbeStage($0) }
            if transport.rank == 0 { stages[0].gradients[1] = HostTensor([Float(5)]) }
            let executor = try PipelineExecutor(
                schedule: schedule,
                communicator: Communicator(world: transport),
                stages: stages
            )
            _ = try executor.step(inputs: [Self.batch], labels: [Self.batch], loss: Self.loss)
            return stages.flatMap { $0.gradients.map { $0?.elements(of: Float.self) } }
        }
        #expect(results[0] == [[2], [5], [2], nil])
        #expect(results[1] == [[2], nil, [2], [5]])
    }
}

@Suite("Stages that overlap forward and backward themselves")
struct OverlapTests {
    /// Counts the calls of its own overlapped operation.
    final class OverlappingStage: PipelineStage {
        typealias Context = FeedForwardStage.Context
        static var overlapsForwardBackward: Bool { true }
        let inner: FeedForwardStage
        let deliversGradients: Bool
        private(set) var overlaps = 0
        var gradients: [HostTensor?] {
            get { inner.gradients }
            set { inner.gradients = newValue }
        }

        init(_ inner: FeedForwardStage, deliversGradients: Bool = true) {
            self.inner = inner
            self.deliversGradients = deliversGradients
        }

        func forward(
            inputs: [HostTensor],
            chunk: Int
        ) throws -> (outputs: [HostTensor], context: Context) {
            try inner.forward(inputs: inputs, chunk: chunk)
        }

        func backwardInput(
            outputGradients: [HostTensor?],
            context: inout Context
        ) throws -> [HostTensor?] {
            try inner.backwardInput(outputGradients: outputGradients, context: &context)
        }

        func backwardWeight(context: Context) throws {
            try inner.backwardWeight(context: context)
        }

        static func overlappedForwardBackward(
            _ forwardStage: OverlappingStage,
            inputs: [HostTensor],
            chunk: Int,
            _ backwardStage: OverlappingStage,
            outputGradients: [HostTensor?],
            context: Context,
            emit: OverlapResults
        ) throws -> Context {
            forwardStage.overlaps += 1
            // Backward first: the order within an overlapped operation is the stage's choice.
            var context = context
            let gradients = try backwardStage.backwardInput(
                outputGradients: outputGradients,
                context: &context
            )
            if backwardStage.deliversGradients { try emit.inputGradients(gradients) }
            let result = try forwardStage.forward(inputs: inputs, chunk: chunk)
            try emit.outputs(result.outputs)
            try backwardStage.backwardWeight(context: context)
            return result.context
        }
    }

    private func run(
        _ kind: PipelineKind,
        deliversGradients: Bool = true
    ) throws -> (losses: [Double], overlaps: Int, example: PipelineExample) {
        let schedule = try PipelineSchedule(kind: kind, rankCount: 2, chunkCount: 8)
        let example = PipelineExample(schedule: schedule, width: 8, hidden: 8)
        let results = try RankGroup.run(rankCount: 2) { transport -> ([Double], Int) in
            let communicator = Communicator(world: transport, timeout: .seconds(10))
            let stages = (0..<2).map {
                OverlappingStage(
                    example.stage(
                        schedule.topology.place(rank: communicator.rank, phase: $0).stage
                    ),
                    deliversGradients: deliversGradients
                )
            }
            let executor = try PipelineExecutor(
                schedule: schedule,
                communicator: communicator,
                stages: stages
            )
            let result = try executor.step(
                inputs: executor.entryRoute.map { [example.batch(route: $0).inputs] } ?? [],
                labels: executor.exitRoute.map { [example.batch(route: $0).labels] } ?? [],
                loss: PipelineExample.loss
            )
            return (result.losses, stages.reduce(0) { $0 + $1.overlaps })
        }
        return (
            results.reversed().flatMap(\.0), results.reduce(0) { $0 + $1.1 }, example
        )
    }

    @Test(
        "every F&B goes through the stage's own function",
        arguments: [PipelineKind.dualPipe, .dualPipeV]
    )
    func used(_ kind: PipelineKind) throws {
        let (losses, overlaps, example) = try run(kind)
        let planned = example.schedule.operations.joined().filter { $0.symbol == "F&B" }.count
        #expect(overlaps == planned && planned > 0)
        #expect(losses == (try example.runSequentially().losses.flatMap(\.self)))
    }

    @Test("a function that forgets to deliver is an error, not a hang")
    func forgets() throws {
        let error = try #require(throws: PipelineError.self) {
            _ = try run(.dualPipeV, deliversGradients: false)
        }
        #expect(error.message.contains("delivered no input gradients"))
    }
}
