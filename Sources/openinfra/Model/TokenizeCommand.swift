import ArgumentParser
import DeepSeekModel
import InfraCore

extension ModelCommand {
    /// `openinfra model tokenize`: the tokens of a text.
    struct TokenizeCommand: ParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "tokenize",
            abstract: "Turn a text into token identifiers.",
            discussion: """
                The folder needs a tokenizer.json only.

                Examples:
                  openinfra model tokenize --model DIR --text "Hello, world"
                  openinfra model tokenize --model DIR --text "你好" --no-special-tokens --json
                """
        )

        @OptionGroup var model: ModelOptions

        @Option(help: "The text; it may be empty.")
        var text: String

        @Flag(
            name: .customLong("special-tokens"),
            inversion: .prefixedNo,
            help: "Add the special tokens tokenizer.json puts around a text."
        )
        var addSpecialTokens = true

        @Flag(help: "Print one JSON object, {\"ids\": [...]}.")
        var json = false

        private struct Report: Encodable {
            var ids: [Int]
        }

        func run() throws {
            let tokenizer = try BytePairTokenizer(folder: model.folder)
            let ids = try tokenizer.encode(text, addSpecialTokens: addSpecialTokens)
            if json {
                try Console.printJSON(Report(ids: ids))
                return
            }
            var table = TextTable(["position", "id", "token"])
            for (position, id) in ids.enumerated() {
                let token = String(decoding: try tokenizer.bytes(of: id), as: UTF8.self)
                table.append(["\(position)", "\(id)", token.debugDescription])
            }
            print(table.text)
        }
    }
}
