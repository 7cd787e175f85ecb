import DualPipe
import InfraCore
import Testing

@Suite("A measured step beside its replay")
struct MeasurementTests {
    private func timing(_ start: UInt64, _ end: UInt64, waited: UInt64 = 0) -> PipelineOpTiming {
        PipelineOpTiming(start: start, end: end, waited: waited)
    }

    @Test("bubbles leave out what a rank waited inside an operation")
    func bubbles() throws {
        let schedule = try PipelineSchedule(
            kind: .oneForwardOneBackward,
            rankCount: 2,
            chunkCount: 1
        )
        // Rank 1 turns to its F at once, but waits 100 of 160 ns for its input.
        let measurement = try PipelineMeasurement(
            schedule,
            timings: [
                [timing(1000, 1100), timing(1100, 1400, waited: 200)],
                [timing(1000, 1160, waited: 100), timing(1160, 1280)],
            ]
        )
        #expect(measurement.start == 1000)
        #expect(measurement.makespan == 400)
        #expect(measurement.bubbles == [200, 220])
        // On paper: F 100, F 60, B 120, B 100, one after the other.
        #expect(measurement.simulation.makespan == 380)
        #expect(measurement.simulation.ranks.map(\.bubble) == [180, 200])
        #expect(measurement.bubbleShare == 420.0 / 800)
        #expect(measurement.simulatedBubbleShare == 380.0 / 760)
    }

    @Test("timings of another schedule are refused with both counts")
    func mismatch() throws {
        let schedule = try PipelineSchedule(kind: .zeroBubble, rankCount: 1, chunkCount: 1)
        let error = try #require(throws: PipelineError.self) {
            try PipelineMeasurement(schedule, timings: [[timing(0, 1)]])
        }
        #expect(error.code == .invalidArguments)
        #expect(error.message == "timings hold [1] operations; the schedule has [3]")
    }
}
