import ArgumentParser

/// `openinfra dualpipe`: pipeline schedules, on paper and for real.
struct DualPipeCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "dualpipe",
        abstract: "Pipeline-parallel schedules: draw, simulate and run them.",
        subcommands: [ScheduleCommand.self, RunCommand.self]
    )
}
