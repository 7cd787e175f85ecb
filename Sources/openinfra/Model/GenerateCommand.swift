import ArgumentParser
import DeepSeekModel
import InfraCore

#if canImport(Glibc)
    import Glibc
#endif

/// `openinfra generate`: continues a text with a model.
struct GenerateCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "generate",
        abstract: "Continue a text with a DeepSeek-V3 model, on the CPU.",
        discussion: """
            Text is printed as it is generated. Without --temperature the likeliest token is \
            always taken, so the same prompt gives the same text.

            Examples:
              openinfra generate --model DIR --prompt "Once upon a time" --max-tokens 100
              openinfra generate --model DIR --prompt "Hi" --temperature 0.8 --seed 7
              openinfra generate --model DIR --prompt "Hi" --max-tokens 5 --json
            """
    )

    @OptionGroup var model: ModelOptions

    @Option(help: "The text to continue.")
    var prompt: String

    @Option(help: "The most tokens to generate.")
    var maxTokens = 128

    @Option(help: "Divides the logits; 0 always takes the likeliest token.")
    var temperature: Float = 0

    @Option(help: "Keep the likeliest tokens that together have this probability.")
    var topP: Float = 1

    @Option(help: "Keep this many of the likeliest tokens. (default: all)")
    var topK: Int?

    @Option(help: "Same seed, same text.")
    var seed: UInt64 = 0

    @Flag(help: "Print one JSON object with tokens and log probabilities instead of text.")
    var json = false

    private struct Report: Encodable {
        var text: String
        var ids: [Int]
        var logProbabilities: [Float]
        var finishReason: Generation.FinishReason
        var promptTokens: Int
        var seconds: Double
        var tokensPerSecond: Double
    }

    func validate() throws {
        if prompt.isEmpty {
            throw ValidationError("--prompt is empty; give at least one character")
        }
        _ = try options(stopIDs: [])
    }

    private func options(stopIDs: Set<Int>) throws -> GenerationOptions {
        do throws(ModelError) {
            return try GenerationOptions(
                maxTokens: maxTokens,
                sampling: SamplingOptions(
                    temperature: temperature,
                    topP: topP,
                    topK: topK,
                    seed: seed
                ),
                stopIDs: stopIDs
            )
        } catch {
            throw ValidationError("--\(error.message)")
        }
    }

    func run() throws {
        let folder = try ModelFolder(model.folder)
        let tokenizer = try folder.tokenizer()
        let options = try options(stopIDs: try folder.stopIDs(tokenizer))
        let ids = try tokenizer.encode(prompt)
        let limit = try folder.configuration().maxPositionEmbeddings
        guard ids.count <= limit else {
            throw ValidationError(
                "--prompt has \(ids.count) tokens; max_position_embeddings of the model allows "
                    + "\(limit)"
            )
        }
        let generator = TextGenerator(try folder.model())
        var decoder = StreamingDecoder(tokenizer)
        let start = ContinuousClock.now
        let generation = try generator.generate([ids], options: options) { _, choice in
            guard !json, !options.stopIDs.contains(choice.id) else { return }
            print(try decoder.append(choice.id), terminator: "")
            fflush(nil)
        }[0]
        guard json else {
            print(decoder.finish())
            return
        }
        let seconds = (ContinuousClock.now - start) / .seconds(1)
        try Console.printJSON(
            Report(
                text: try tokenizer.decode(generation.textIDs),
                ids: generation.tokens.map(\.id),
                logProbabilities: generation.tokens.map(\.logProbability),
                finishReason: generation.finishReason,
                promptTokens: ids.count,
                seconds: seconds,
                tokensPerSecond: Double(generation.tokens.count) / seconds
            )
        )
    }
}
