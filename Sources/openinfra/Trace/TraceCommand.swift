import ArgumentParser

/// `openinfra trace`: what profiles tell.
struct TraceCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "trace",
        abstract: "Measure computing, communication and their overlap in profiles.",
        subcommands: [AnalyzeCommand.self]
    )
}
