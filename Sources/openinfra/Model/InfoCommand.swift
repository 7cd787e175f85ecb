import ArgumentParser
import DeepSeekModel
import InfraCore

extension ModelCommand {
    /// `openinfra model info`: the shape and size of a model.
    struct InfoCommand: ParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "info",
            abstract: "Describe a model: layers, experts, parameters, cache.",
            discussion: """
                The folder needs a config.json only; weights are described where they are.

                Example:
                  openinfra model info --model DIR
                """
        )

        @OptionGroup var model: ModelOptions

        @Flag(help: "Print one JSON object.")
        var json = false

        func run() throws {
            let report = try ModelReport(try ModelFolder(model.folder))
            if json { try Console.printJSON(report) } else { print(report.table) }
        }
    }
}
