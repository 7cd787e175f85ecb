import Collectives
import DualPipe
import Foundation
import InfraCore
import Synchronization
import Tensors
import Testing
import Traces
import Transport

@Suite("Execution of schedules on threads")
struct ExecutorTests {
    static let cases: [(PipelineKind, Int, Int)] = PipelineKind.allCases.flatMap { kind in
        (1...8).flatMap { ranks -> [(PipelineKind, Int, Int)] in
            if kind == .dualPipe, ranks % 2 == 1 { return [] }
            return kind.isBidirectional
                ? [(kind, ranks, 2 * ranks), (kind, ranks, 20 + ranks % 2)]
                : [(kind, ranks, 3), (kind, ranks, 20)]
        }
    }

    @Test("losses equal sequential execution in every bit, gradients to 1e-13", arguments: cases)
    func agreesWithSequential(_ kind: PipelineKind, _ ranks: Int, _ chunks: Int) throws {
        let example = PipelineExample(
            schedule: try PipelineSchedule(kind: kind, rankCount: ranks, chunkCount: chunks),
            width: 24,
            hidden: 40
        )
        let outcomes = try RankGroup.run(rankCount: ranks) {
            try example.run(on: Communicator(world: $0, timeout: .seconds(20)))
        }
        let comparison = try PipelineComparison(example, outcomes: outcomes)
        #expect(comparison.lossesAreBitEqual)
        #expect(comparison.evaluationLossesAreBitEqual)
        #expect(comparison.gradientDifference < 1e-13)
        #expect(comparison.meanLoss > 0)
        for (rank, outcome) in outcomes.enumerated() {
            #expect(outcome.timings.count == example.schedule.operations[rank].count)
            #expect(outcome.gradients.joined().allSatisfy { isNonZero($0) })
        }
    }

    private func isNonZero(_ tensor: HostTensor) -> Bool {
        tensor.elements(of: Float.self).contains { $0 != 0 }
    }

    @Test("the comparison notices a wrong gradient and a wrong loss")
    func comparisonCanFail() throws {
        let example = PipelineExample(
            schedule: try PipelineSchedule(kind: .dualPipeV, rankCount: 2, chunkCount: 4),
            width: 8,
            hidden: 8
        )
        var outcomes = try RankGroup.run(rankCount: 2) {
            try example.run(on: Communicator(world: $0))
        }
        outcomes[1].gradients[0][0].withUnsafeMutableElements(of: Float.self) { $0[0] += 1e-3 }
        outcomes[0].losses[2] = outcomes[0].losses[2].nextUp
        let comparison = try PipelineComparison(example, outcomes: outcomes)
        #expect(!comparison.lossesAreBitEqual)
        #expect(comparison.evaluationLossesAreBitEqual)
        #expect(comparison.gradientDifference > 1e-13)
        #expect(!comparison.agrees)
    }

    @Test("both copies of a DualPipe stage end with the same gradient bits")
    func mirroredGradients() throws {
        let example = PipelineExample(
            schedule: try PipelineSchedule(kind: .dualPipe, rankCount: 4, chunkCount: 8)
        )
        let outcomes = try RankGroup.run(rankCount: 4) {
            try example.run(on: Communicator(world: $0))
        }
        for rank in 0..<4 {
            for (own, copy) in zip(outcomes[rank].gradients[0], outcomes[3 - rank].gradients[1]) {
                #expect(own.elements(of: Float.self) == copy.elements(of: Float.self))
            }
        }
    }

    @Test("a step is recorded as one row a rank with one span an operation")
    func trace() throws {
        let schedule = try PipelineSchedule(kind: .dualPipe, rankCount: 2, chunkCount: 4)
        let example = PipelineExample(schedule: schedule)
        let recorder = TraceRecorder()
        _ = try RankGroup.run(rankCount: 2) {
            try example.run(on: Communicator(world: $0), recorder: recorder)
        }
        let spans = recorder.trace().events
        for rank in 0..<2 {
            let row = spans.filter { $0.thread == .number(rank) }
                .sorted { $0.timestampMicroseconds < $1.timestampMicroseconds }
            #expect(row.map(\.name) == schedule.operations[rank].map(\.description))
            for (earlier, later) in zip(row, row.dropFirst()) {
                #expect(earlier.endMicroseconds <= later.timestampMicroseconds + 0.001)
            }
            #expect(row[0].arguments["forwardChunk"] == 0)
        }
    }

    @Test("one executor runs many steps, and outputs are kept on request")
    func manySteps() throws {
        let schedule = try PipelineSchedule(kind: .dualPipeV, rankCount: 2, chunkCount: 4)
        let example = PipelineExample(schedule: schedule, width: 8, hidden: 8)
        let results = try RankGroup.run(rankCount: 2) { transport -> [PipelineStepResult] in
            let communicator = Communicator(world: transport)
            let stages = (0..<2).map {
                example.stage(schedule.topology.place(rank: communicator.rank, phase: $0).stage)
            }
            var options = PipelineOptions()
            options.keepsOutputs = true
            let executor = try PipelineExecutor(
                schedule: schedule,
                communicator: communicator,
                stages: stages,
                options: options
            )
            let batch = example.batch(route: 0)
            let isFirst = communicator.rank == 0
            return try (0..<50).map { _ in
                try executor.step(
                    inputs: isFirst ? [batch.inputs] : [],
                    labels: isFirst ? [batch.labels] : [],
                    loss: PipelineExample.loss
                )
            }
        }
        let reference = try example.runSequentially().losses[0]
        for step in results[0] {
            #expect(step.losses == reference)
            #expect(step.outputs.map { $0[0].shape } == Array(repeating: [4, 8], count: 4))
            #expect(step.timings.isEmpty)
        }
        for step in results[1] { #expect(step.losses.isEmpty && step.outputs.isEmpty) }
    }
}
