import ArgumentParser
import InfraCore
import TraceAnalysis

extension TraceCommand {
    /// `openinfra trace analyze`: the overlap of computing and communication in one trace.
    struct AnalyzeCommand: ParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "analyze",
            abstract: "Report how far communication is hidden behind computing.",
            discussion: """
                Reads a Chrome trace (PyTorch's profiler, or --trace of this program), plain or \
                gzip, of any size. Each device is a rank; without devices each thread is one. All \
                times are microseconds. --rules names a JSON file whose classes are tried before \
                the built-in ones:

                  {"classes": [{"class": "moe", "role": "compute", "contains": ["expand_fused"]},
                               {"class": "communication", "role": "communication",
                                "streams": ["27"]}],
                   "waits": [{"regex": "notify|barrier"}]}

                A rule has any of contains, prefix, regex (the name; alternatives), category and \
                stream (further conditions). Roles are compute, communication, memory, ignored.

                Examples:
                  openinfra trace analyze profile.json
                  openinfra trace analyze profile.json.gz --html report.html
                  openinfra trace analyze profile.json --rules rules.json --json
                """
        )

        @Argument(help: "The trace, plain or gzip.")
        var file: String

        @Option(help: "A JSON file with rules for classes of spans.")
        var rules: String?

        @Option(help: "Write a report with pictures to this file.")
        var html: String?

        @Flag(help: "Print one JSON object.")
        var json = false

        func run() throws {
            let analyzer = TraceAnalyzer(rules: try analysisRules())
            let summary = try analyzer.analyze(contentsOf: file)
            if let html { try OverlapReport(summary).write(to: html) }
            if json {
                try Console.printJSON(summary)
            } else {
                print(OverlapTable(summary).text)
            }
        }

        private func analysisRules() throws -> AnalysisRules {
            guard let rules else { return .standard }
            do {
                return try AnalysisRules(contentsOf: rules)
            } catch {
                throw error.blamed(on: "--rules")
            }
        }
    }
}
