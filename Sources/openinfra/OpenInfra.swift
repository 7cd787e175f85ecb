import ArgumentParser

/// The program: one sub-command a system.
struct OpenInfra: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "openinfra",
        abstract: "DeepSeek's open infrastructure, rebuilt in Swift.",
        version: "openinfra 0.1.0",
        subcommands: [
            DualPipeCommand.self, QuickstartCommand.self,
        ]
    )
}
