import DualPipe
import Foundation
import InfraCore
import Testing

@Suite("The simulator finds what is wrong with a schedule")
struct SimulationTests {
    private func cell(_ chunk: Int, phase: Int = 0) -> PipelineCell {
        PipelineCell(phase: phase, chunk: chunk)
    }

    private func simulate(_ operations: [[PipelineOp]], chunks: Int) throws {
        let schedule = PipelineSchedule(
            topology: PipelineTopology(
                kind: .oneForwardOneBackward,
                rankCount: operations.count
            ),
            chunkCount: chunks,
            operations: operations
        )
        _ = try PipelineSimulation(schedule, times: try PipelineTimes())
    }

    @Test("a circle of waits is a deadlock, and each stuck rank is named with what it waits for")
    func deadlock() throws {
        // Rank 0 wants chunk 0 back before it sends chunk 1; rank 1 wants chunk 1 first.
        let error = try #require(throws: PipelineError.self) {
            try simulate(
                [
                    [
                        .forward(cell(0)), .backward(cell(0)), .forward(cell(1)),
                        .backward(cell(1)),
                    ],
                    [
                        .forward(cell(0)), .forward(cell(1)), .backward(cell(0)),
                        .backward(cell(1)),
                    ],
                ],
                chunks: 2
            )
        }
        #expect(error.code == .deadlock)
        #expect(
            error.message
                == "the schedule deadlocks: rank 0 cannot start B0 chunk 0 before rank 1 has done "
                + "B0 chunk 0; rank 1 cannot start F0 chunk 1 before rank 0 has done F0 chunk 1"
        )
    }

    @Test("a backward pass before its own forward pass is a deadlock of one rank")
    func selfDeadlock() throws {
        let error = try #require(throws: PipelineError.self) {
            try simulate([[.backward(cell(0)), .forward(cell(0))]], chunks: 1)
        }
        #expect(error.code == .deadlock)
    }

    @Test("a planted swap in a generated schedule is caught")
    func plantedSwap() throws {
        let good = try PipelineSchedule(kind: .dualPipe, rankCount: 4, chunkCount: 8)
        var operations = good.operations
        // The last rank would need its second chunk's gradient before the first forward.
        operations[1].swapAt(0, operations[1].count - 1)
        let bad = PipelineSchedule(
            topology: good.topology,
            chunkCount: good.chunkCount,
            operations: operations
        )
        let error = try #require(throws: PipelineError.self) {
            try PipelineSimulation(bad, times: try PipelineTimes())
        }
        #expect(error.code == .deadlock)
    }

    @Test("missing, repeated and impossible operations are named")
    func impossible() throws {
        let broken: [([[PipelineOp]], Int, String)] = [
            ([[.forward(cell(0))], []], 1, "rank 1 has 0 forward passes of phase 0 chunk 0"),
            (
                [[.forward(cell(0)), .forward(cell(0)), .backward(cell(0))]], 1,
                "rank 0 has 2 forward passes"
            ),
            ([[.forward(cell(0)), .backwardInput(cell(0))]], 1, "rank 0 has 0 weight gradients"),
            ([[.forward(cell(5)), .backward(cell(5))]], 1, "F0 chunk 5"),
            ([[.forward(cell(0, phase: 1)), .backward(cell(0))]], 1, "F1 chunk 0"),
        ]
        for (operations, chunks, text) in broken {
            let error = try #require(throws: PipelineError.self) {
                try simulate(operations, chunks: chunks)
            }
            #expect(error.code == .invalidSchedule)
            #expect(error.message.contains(text), "\(error.message)")
        }
        let error = try #require(throws: PipelineError.self) {
            let schedule = PipelineSchedule(
                topology: PipelineTopology(kind: .dualPipe, rankCount: 2),
                chunkCount: 3,
                operations: [[], []]
            )
            _ = try PipelineSimulation(schedule, times: try PipelineTimes())
        }
        #expect(error.code == .invalidSchedule)
    }

    @Test("single durations shift exactly what depends on them")
    func singleDurations() throws {
        let schedule = try PipelineSchedule(
            kind: .oneForwardOneBackward,
            rankCount: 2,
            chunkCount: 1
        )
        let simulation = try PipelineSimulation(schedule) { rank, _, op in
            rank == 1 && op.symbol == "F" ? 5 : 1
        }
        #expect(simulation.ranks[0].spans.map(\.start) == [0, 7])
        #expect(simulation.ranks[1].spans.map(\.start) == [1, 6])
        #expect(simulation.makespan == 8)
        #expect(simulation.ranks.map(\.bubble) == [6, 2])
    }

    @Test(
        "durations that cannot be are refused",
        arguments: [
            (0.0, 2.0, 1.0, 3.0, "forward is 0.0"), (1, 1, 1, 3, "backward is 1.0"),
            (1, 2, -1, 3, "weight is -1.0"), (1, 2, 1, 0, "overlapped is 0.0"),
            (.nan, 2, 1, 3, "forward is nan"), (1, .infinity, 1, 3, "backward is inf"),
            (2e9, 2, 1, 3, "forward is 2000000000.0"),
        ]
    )
    func times(_ f: Double, _ b: Double, _ w: Double, _ fb: Double, _ text: String) throws {
        let error = try #require(throws: PipelineError.self) {
            try PipelineTimes(forward: f, backward: b, weight: w, overlapped: fb)
        }
        #expect(error.code == .invalidTimes)
        #expect(error.message.hasPrefix(text))
    }

    @Test("F&B defaults to F + B")
    func overlappedDefault() throws {
        #expect(try PipelineTimes(forward: 1.5, backward: 2, weight: 1).overlapped == 3.5)
    }
}

@Suite("Operations as JSON, schedules as pictures")
struct PresentationTests {
    @Test("operations are flat, readable objects and survive the round trip")
    func json() throws {
        let a = PipelineCell(phase: 0, chunk: 3)
        let b = PipelineCell(phase: 1, chunk: 2)
        let expected: [(PipelineOp, String)] = [
            (.forward(a), #"{"chunk":3,"kind":"F","phase":0}"#),
            (.backward(b), #"{"chunk":2,"kind":"B","phase":1}"#),
            (.backwardInput(a), #"{"chunk":3,"kind":"Bi","phase":0}"#),
            (.backwardWeight(a), #"{"chunk":3,"kind":"W","phase":0}"#),
            (
                .overlapped(forward: a, backward: b),
                #"{"backward":{"chunk":2,"phase":1},"forward":{"chunk":3,"phase":0},"kind":"F&B"}"#
            ),
        ]
        let encoder = JSONEncoder()
        encoder.outputFormatting = .sortedKeys
        for (op, text) in expected {
            #expect(String(decoding: try encoder.encode(op), as: UTF8.self) == text)
            #expect(try JSONDecoder().decode(PipelineOp.self, from: Data(text.utf8)) == op)
        }
        #expect(throws: DecodingError.self) {
            try JSONDecoder().decode(
                PipelineOp.self,
                from: Data(#"{"kind":"G","phase":0,"chunk":0}"#.utf8)
            )
        }
        #expect(throws: DecodingError.self) {
            try JSONDecoder().decode(PipelineOp.self, from: Data(#"{"kind":"F","phase":0}"#.utf8))
        }
    }

    @Test("the picture has balanced elements, a row a rank and a box an operation")
    func timeline() throws {
        for kind in PipelineKind.allCases {
            let schedule = try PipelineSchedule(kind: kind, rankCount: 4, chunkCount: 8)
            let simulation = try PipelineSimulation(schedule, times: try PipelineTimes())
            let svg = PipelineTimeline(simulation).svg
            let operationCount = schedule.operations.joined().count
            #expect(svg.hasPrefix("<svg ") && svg.hasSuffix("</svg>\n"))
            #expect(svg.matches(of: /<g>/).count == operationCount)
            #expect(svg.matches(of: /<\/g>/).count == operationCount)
            #expect(svg.matches(of: /<text\s/).count == svg.matches(of: /<\/text>/).count)
            #expect(svg.matches(of: /&(?!amp;)/).isEmpty)
            for rank in 0..<4 { #expect(svg.contains(">rank \(rank)</text>")) }
            #expect(svg.contains(">\(kind.rawValue): 4 ranks"))
        }
    }

    @Test("a long schedule still fits a page")
    func wideTimeline() throws {
        let schedule = try PipelineSchedule(kind: .dualPipe, rankCount: 16, chunkCount: 400)
        let simulation = try PipelineSimulation(schedule, times: try PipelineTimes())
        let head = PipelineTimeline(simulation).svg.prefix(200)
        let width = try #require(head.firstMatch(of: /width="([0-9.]+)"/)?.output.1)
        #expect(try #require(Double(width)) < 2000)
    }
}
