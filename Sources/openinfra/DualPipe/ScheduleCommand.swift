import ArgumentParser
import DualPipe
import FoundationEssentials
import InfraCore

extension DualPipeCommand {
    /// `openinfra dualpipe schedule`: generates a schedule and replays it with given times.
    struct ScheduleCommand: ParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "schedule",
            abstract: "Generate a pipeline schedule and simulate it.",
            discussion: """
                Times are in any one unit. The bubble is the time a rank does not compute between \
                the start and the end of the step; the largest of all ranks is reported.

                Examples:
                  openinfra dualpipe schedule --kind dualpipe --ranks 8 --chunks 20
                  openinfra dualpipe schedule --kind dualpipev --ranks 4 --chunks 10 --svg v.svg
                  openinfra dualpipe schedule --kind zb1p --ranks 8 --chunks 20 --json
                """
        )

        @OptionGroup var shape: ScheduleOptions

        @Option(help: "Time of a forward pass, F.")
        var forward = 1.0

        @Option(help: "Time of a full backward pass, B (weight gradients included).")
        var backward = 2.0

        @Option(help: "Time of the weight-gradient part of a backward pass, W.")
        var weight = 1.0

        @Option(help: "Time of an overlapped forward and backward, F&B. (default: F + B)")
        var overlapped: Double?

        @Option(help: "Write the timeline as a picture to this file.")
        var svg: String?

        @Flag(help: "Print one JSON object with every operation.")
        var json = false

        func run() throws {
            let schedule = try shape.schedule()
            let times: PipelineTimes
            do {
                times = try PipelineTimes(
                    forward: forward,
                    backward: backward,
                    weight: weight,
                    overlapped: overlapped
                )
            } catch {
                throw ValidationError("--\(error.message)")
            }
            let simulation = try PipelineSimulation(schedule, times: times)
            if let svg {
                let picture = PipelineTimeline(simulation).svg
                try Data(picture.utf8).write(to: URL(filePath: svg), options: .atomic)
            }
            let report = ScheduleReport(simulation, times: times)
            if json { try Console.printJSON(report) } else { print(report.table) }
        }
    }
}

/// The options that name a schedule.
struct ScheduleOptions: ParsableArguments {
    @Option(help: "1f1b, zb1p, dualpipe or dualpipev.")
    var kind = PipelineKind.dualPipeV

    @Option(help: "Ranks of the pipeline; even for dualpipe.")
    var ranks: Int

    @Option(help: "Chunks of a step; at least twice the ranks for dualpipe and dualpipev.")
    var chunks: Int

    /// Generates the schedule; counts that do not fit are wrong usage.
    func schedule() throws -> PipelineSchedule {
        do {
            return try PipelineSchedule(kind: kind, rankCount: ranks, chunkCount: chunks)
        } catch {
            throw ValidationError("--\(error.message)")
        }
    }
}
