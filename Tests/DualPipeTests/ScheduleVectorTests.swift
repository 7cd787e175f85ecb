import DualPipe
import Testing

@Suite("Schedules against published and independently simulated figures")
struct ScheduleVectorTests {
    @Test(
        "step counts of DualPipe and DualPipeV equal the published vectors",
        arguments: [
            (PipelineKind.dualPipe, 8, 20, 0, [6, 1, 3, 3, 3, 1, 3, 1]),
            (.dualPipe, 8, 20, 3, [0, 4, 0, 6, 0, 4, 0, 4]),
            (.dualPipe, 8, 20, 7, [6, 1, 3, 3, 3, 1, 3, 1]),
            (.dualPipe, 8, 20, 4, [0, 4, 0, 6, 0, 4, 0, 4]),
            (.dualPipeV, 4, 10, 0, [6, 1, 3, 3, 3, 1, 3, 1]),
            (.dualPipeV, 4, 10, 3, [0, 4, 0, 6, 0, 4, 0, 4]),
            (.dualPipeV, 1, 2, 0, [0, 1, 0, 1, 0, 1, 0, 1]),
        ]
    )
    func stepCounts(_ kind: PipelineKind, _ ranks: Int, _ chunks: Int, _ rank: Int, _ want: [Int]) {
        let counts = BidirectionalStepCounts(
            kind: kind,
            rank: rank,
            rankCount: ranks,
            chunkCount: chunks
        )
        #expect(counts.repeats == want)
    }

    @Test(
        "makespan, bubble on every rank and peak activations at F=W=1, B=2, F&B=3",
        arguments: [
            (PipelineKind.dualPipe, 8, 20, 66.0, 6.0, 9),
            (.dualPipe, 16, 64, 206, 14, 17),
            (.dualPipeV, 4, 10, 66, 6, 9),
            (.oneForwardOneBackward, 8, 20, 81, 21, 8),
            (.zeroBubble, 8, 20, 67, 7, 8),
        ]
    )
    func simulated(
        _ kind: PipelineKind,
        _ ranks: Int,
        _ chunks: Int,
        _ makespan: Double,
        _ bubble: Double,
        _ peak: Int
    ) throws {
        let schedule = try PipelineSchedule(kind: kind, rankCount: ranks, chunkCount: chunks)
        let times = try PipelineTimes()
        let simulation = try PipelineSimulation(schedule, times: times)
        #expect(simulation.makespan == makespan)
        #expect(simulation.ranks.map(\.bubble) == Array(repeating: bubble, count: ranks))
        #expect(times.formulaBubble(of: schedule.topology) == bubble)
        let peaks = simulation.ranks.map(\.peakActivations)
        if kind == .oneForwardOneBackward {
            #expect(peaks == (0..<ranks).map { peak - $0 })
        } else {
            #expect(peaks == Array(repeating: peak, count: ranks))
        }
    }

    @Test("a cheaper overlapped pair (F&B=2.5) shortens DualPipe(8, 20) to 59")
    func cheaperOverlap() throws {
        let schedule = try PipelineSchedule(kind: .dualPipe, rankCount: 8, chunkCount: 20)
        let times = try PipelineTimes(overlapped: 2.5)
        let simulation = try PipelineSimulation(schedule, times: times)
        #expect(simulation.makespan == 59)
        #expect(times.formulaBubble(of: schedule.topology) == 4.5)
        let bubbles = simulation.ranks.map(\.bubble)
        #expect(bubbles == [3.5, 4, 4.5, 4.5, 4.5, 4.5, 4, 3.5])
    }

    @Test("where W is not F, the formula is only near: 7.2 simulated, 7.8 by formula")
    func unevenTimes() throws {
        let schedule = try PipelineSchedule(kind: .dualPipe, rankCount: 8, chunkCount: 20)
        let times = try PipelineTimes(weight: 0.8, overlapped: 3)
        let simulation = try PipelineSimulation(schedule, times: times)
        #expect(abs(simulation.bubble - 7.2) < 1e-9)
        #expect(abs(times.formulaBubble(of: schedule.topology) - 7.8) < 1e-9)
    }
}
