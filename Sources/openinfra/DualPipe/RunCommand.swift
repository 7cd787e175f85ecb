import ArgumentParser
import Collectives
import DualPipe
import InfraCore
import Traces
import Transport

extension DualPipeCommand {
    /// `openinfra dualpipe run`: executes a schedule and compares it with a run without pipeline.
    struct RunCommand: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "run",
            abstract: "Execute a pipeline schedule on this machine and check its results.",
            discussion: """
                Trains one step of a small fp32 model (residual GELU layers) under the schedule, \
                and again chunk by chunk without a pipeline. Losses must agree in every bit, \
                gradients up to rounding (1 - 2 sum xy / sum(x^2 + y^2) below 1e-13). The measured \
                makespan and bubble stand beside those of a simulation with the measured times.

                Examples:
                  openinfra dualpipe run --kind dualpipev --ranks 2 --chunks 8
                  openinfra dualpipe run --kind dualpipe --ranks 4 --chunks 8 --trace t.json
                  openinfra dualpipe run --kind zb1p --ranks 4 --chunks 8 --processes --json
                """
        )

        @OptionGroup var shape: ScheduleOptions

        @Option(help: "Size of activations.")
        var width = 64

        @Option(help: "Size of each stage's inner layer.")
        var hidden = 256

        @Option(help: "Rows of one chunk.")
        var rows = 16

        @Option(help: "Decides weights and data.")
        var seed: UInt64 = 233

        @Option(help: "Seconds that a rank waits for another before it gives up.")
        var timeout = 60

        @Option(help: "Write a Chrome trace of the measured step to this file.")
        var trace: String?

        @Flag(help: "Run ranks as processes over shared memory, not as threads.")
        var processes = false

        @Flag(help: "Print one JSON object.")
        var json = false

        /// The most elements of one weight matrix.
        static let maximumWeightCount = 1 << 24

        func validate() throws {
            for (name, value) in [("width", width), ("hidden", hidden), ("rows", rows)]
            where !(1...65_536).contains(value) {
                throw ValidationError("--\(name) is \(value); it must be 1 to 65536")
            }
            guard width * hidden <= Self.maximumWeightCount else {
                throw ValidationError(
                    "--hidden is \(hidden); times --width, \(width), it must be at most "
                        + "\(Self.maximumWeightCount)"
                )
            }
            guard (1...86_400).contains(timeout) else {
                throw ValidationError("--timeout is \(timeout); it must be 1 to 86400 seconds")
            }
        }

        func run() async throws {
            let example = PipelineExample(
                schedule: try shape.schedule(),
                width: width,
                hidden: hidden,
                rowsPerChunk: rows,
                seed: seed
            )
            let job = RunJob(
                example: example,
                timeout: .seconds(timeout),
                tracePath: trace,
                printsJSON: json,
                usesProcesses: processes
            )
            let limit = processes ? ProcessGroup.maximumRankCount : RankGroup.maximumRankCount
            guard shape.ranks <= limit else {
                throw ValidationError(
                    "--ranks is \(shape.ranks); at most \(limit) can be "
                        + (processes ? "processes" : "threads")
                )
            }
            guard processes else {
                _ = try await RankGroup.run(rankCount: shape.ranks) { try job.run(on: $0) }
                return
            }
            if let place = try RankEnvironment.current() {
                try await runRank(job, place)
            } else {
                try await launchRanks()
            }
        }

        /// The launcher's part: copies of this very command.
        private func launchRanks() async throws {
            try await ProcessGroup.run(
                rankCount: shape.ranks,
                arguments: Array(CommandLine.arguments.dropFirst())
            )
        }

        /// A rank's part. The launcher prints what went wrong, once for all ranks.
        private func runRank(_ job: RunJob, _ place: RankEnvironment) async throws {
            do {
                try await ProcessGroup.runRank(place) { try job.run(on: $0) }
            } catch let error as TransportError where error.code == .sharedMemory {
                throw error
            } catch {
                throw ExitCode.failure
            }
        }
    }
}
