import ArgumentParser
import DeepSeekModel
import InfraCore
import Tensors

extension ModelCommand {
    /// `openinfra model logits`: what a model says of each next token.
    struct LogitsCommand: ParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "logits",
            abstract: "Compute the logits of every position of a token sequence.",
            discussion: """
                Everything is computed in float32 on the CPU.

                Examples:
                  openinfra model logits --model DIR --tokens 1,2,3
                  openinfra model logits --model DIR --tokens 1,2,3 --json
                """
        )

        @OptionGroup var model: ModelOptions

        @Option(help: "Token identifiers, separated by commas.")
        var tokens: String

        @Option(help: "How many of the likeliest next tokens the table shows.")
        var top = 5

        @Flag(help: "Print one JSON object, {\"logits\": [[...] per position]}.")
        var json = false

        private struct Report: Encodable {
            var logits: [[Float]]
        }

        func validate() throws {
            _ = try tokenIDs()
            guard top >= 1 else { throw ValidationError("--top is \(top); it must be at least 1") }
        }

        private func tokenIDs() throws -> [Int] {
            try tokens.split(separator: ",", omittingEmptySubsequences: false).map { part in
                guard let id = Int(part.trimmingPrefix { $0 == " " }) else {
                    throw ValidationError(
                        "--tokens holds \"\(part)\"; it must be integers separated by commas, "
                            + "such as 1,2,3"
                    )
                }
                return id
            }
        }

        func run() throws {
            let ids = try tokenIDs()
            let model = try DeepSeekV3Model(folder: model.folder)
            let logits: HostTensor
            do {
                logits = try model.logits(tokens: ids)
            } catch let error as ModelError {
                throw error.blamed(on: "--tokens")
            }
            let values = logits.elements(of: Float.self)
            let width = logits.shape[1]
            let rows = ids.indices.map { Array(values[$0 * width..<($0 + 1) * width]) }
            if json {
                try Console.printJSON(Report(logits: rows))
                return
            }
            var table = TextTable(["position", "token", "likeliest next (logit)"])
            for (position, row) in rows.enumerated() {
                let best = row.indices.sorted { (row[$1], $0) < (row[$0], $1) }.prefix(top)
                let text = best.map { "\($0) (\(row[$0]))" }.joined(separator: "  ")
                table.append(["\(position)", "\(ids[position])", text])
            }
            print(table.text)
        }
    }
}
