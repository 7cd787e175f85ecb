import ArgumentParser

/// The program: one sub-command a system.
struct OpenInfra: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "openinfra",
        abstract: "DeepSeek's open infrastructure, rebuilt in Swift.",
        discussion: """
            Commands that report figures print a table, or one JSON object with --json. The exit \
            code is 0 on success, 1 on failure and 64 on wrong usage; errors are one line on stderr.

            Examples:
              openinfra doctor
              openinfra quickstart --steps 200
              openinfra dualpipe schedule --kind dualpipe --ranks 8 --chunks 20
            """,
        version: "openinfra 0.1.0",
        subcommands: [
            DeviceCommand.self,
            DoctorCommand.self,
            DualPipeCommand.self,
            EPLBCommand.self,
            GEMMCommand.self,
            GenerateCommand.self,
            KernelsCommand.self,
            ModelCommand.self,
            QuickstartCommand.self,
            TraceCommand.self,
        ]
    )
}
