import ArgumentParser

/// `openinfra model`: look into a model folder.
struct ModelCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "model",
        abstract: "Look into a DeepSeek-V3 model folder: shape, tokens, logits.",
        discussion: """
            Examples:
              openinfra model info --model DIR
              openinfra model tokenize --model DIR --text "Hello, world" --json
              openinfra model logits --model DIR --tokens 1,2,3 --json
            """,
        subcommands: [InfoCommand.self, TokenizeCommand.self, LogitsCommand.self]
    )
}

/// The option every command on a model has.
struct ModelOptions: ParsableArguments {
    @Option(
        name: .customLong("model"),
        help: ArgumentHelp(
            "The model folder: config.json, tokenizer.json and safetensors, as Hugging Face "
                + "lays them out.",
            valueName: "dir"
        )
    )
    var folder: String
}
