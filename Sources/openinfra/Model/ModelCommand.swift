import ArgumentParser

/// `openinfra model`: look into a model folder.
struct ModelCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "model",
        abstract: "Look into a DeepSeek-V3 model folder: shape, tokens, logits.",
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
