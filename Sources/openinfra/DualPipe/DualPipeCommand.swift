import ArgumentParser

/// `openinfra dualpipe`: pipeline schedules, on paper and for real.
struct DualPipeCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "dualpipe",
        abstract: "Pipeline-parallel schedules: draw, simulate and run them.",
        discussion: """
            Examples:
              openinfra dualpipe schedule --kind dualpipe --ranks 8 --chunks 20 --svg a.svg
              openinfra dualpipe run --kind dualpipev --ranks 2 --chunks 8 --trace t.json
            """,
        subcommands: [ScheduleCommand.self, RunCommand.self]
    )
}
