import DeepSeekModel
import InfraCore
import Testing

@Suite("Generation")
struct TextGeneratorTests {
    struct Greedy: Decodable {
        var prompt: [Int]
        var continuation: [Int]
    }

    private func generator(_ name: String = "moe-fp32") throws -> TextGenerator {
        TextGenerator(try DeepSeekV3Model(folder: Fixtures.model(name)))
    }

    @Test(
        "greedy tokens equal those of transformers, however the prompt is chunked",
        arguments: [
            1, 3, 512,
        ]
    )
    func greedy(chunkSize: Int) throws {
        let expected: Greedy = try Fixtures.json(Fixtures.model("moe-fp32") + "/greedy.json")
        let options = try GenerationOptions(
            maxTokens: expected.continuation.count,
            prefillChunkSize: chunkSize
        )
        var streamed: [Int] = []
        let generation = try generator().generate([expected.prompt], options: options) {
            #expect($0 == 0)
            streamed.append($1.id)
        }[0]
        #expect(generation.tokens.map(\.id) == expected.continuation)
        #expect(streamed == expected.continuation)
        #expect(generation.finishReason == .length)
        #expect(generation.textIDs == expected.continuation)
    }

    @Test("a batch gives each prompt what it gets alone")
    func batch() throws {
        let generator = try generator()
        let prompts = [[1, 2, 3], [7], Array(4..<39)]
        let options = try GenerationOptions(maxTokens: 40)
        let together = try generator.generate(prompts, options: options)
        for (prompt, generation) in zip(prompts, together) {
            let alone = try generator.generate([prompt], options: options)[0]
            #expect(alone.tokens.map(\.id) == generation.tokens.map(\.id))
        }
    }

    @Test("a stop token ends a text and is no part of it, while others go on")
    func stop() throws {
        let generator = try generator()
        let free = try generator.generate([[1, 2, 3]], options: GenerationOptions(maxTokens: 10))[0]
        let stop = free.tokens[4].id
        let end = try #require(free.tokens.firstIndex { $0.id == stop })
        let options = try GenerationOptions(maxTokens: 10, stopIDs: [stop])
        let stopped = try generator.generate([[1, 2, 3], [5, 6]], options: options)
        #expect(stopped[0].finishReason == .stop)
        #expect(stopped[0].tokens.map(\.id) == free.tokens[...end].map(\.id))
        #expect(stopped[0].textIDs == free.tokens[..<end].map(\.id))
        #expect(!stopped[1].textIDs.isEmpty)
    }

    @Test("generation ends where the model's positions end")
    func contextFull() throws {
        let generator = try generator("yarn")
        let prompt = (0..<126).map { $0 % 40 }
        let options = try GenerationOptions(maxTokens: .max)
        let generation = try generator.generate([prompt], options: options)[0]
        #expect(generation.finishReason == .contextFull)
        // Positions 126 and 127 take two tokens; the third is chosen but has no position.
        #expect(generation.tokens.count == 3)
        let full = try generator.generate([prompt + [1, 2]], options: options)[0]
        #expect(full.tokens.count == 1)
        let error = #expect(throws: ModelError.self) {
            try generator.generate([prompt + [1, 2, 3]], options: options)
        }
        #expect(error?.message.contains("129 tokens; max_position_embeddings allows 128") == true)
    }

    @Test("an empty prompt is refused; an error of the caller ends generation")
    func errors() throws {
        let generator = try generator()
        let options = try GenerationOptions(maxTokens: 5)
        let empty = #expect(throws: ModelError.self) {
            try generator.generate([[1], []], options: options)
        }
        #expect(empty?.message.contains("no tokens") == true)
        struct Enough: Error {}
        var count = 0
        #expect(throws: Enough.self) {
            try generator.generate([[1]], options: options) { _, _ in
                count += 1
                if count == 2 { throw Enough() }
            }
        }
        #expect(count == 2)
        #expect(try generator.generate([], options: options).isEmpty)
    }

    @Test("stop tokens come from generation_config.json, else config.json, and the tokenizer")
    func stopIDs() throws {
        let folder = try ScratchFolder(copying: Fixtures.model("moe-fp32"))
        let model = try ModelFolder(folder.path)
        let tokenizer = ByteTokenizer()
        #expect(try model.stopIDs(tokenizer) == [1, 257])
        try folder.write(#"{"eos_token_id": [5, 6]}"#, to: "generation_config.json")
        #expect(try model.stopIDs(tokenizer) == [5, 6, 257])
        try folder.write("[]", to: "generation_config.json")
        #expect(throws: ModelError.self) { try model.stopIDs(tokenizer) }
        #expect(throws: ModelError.self) { try ModelFolder(folder.path + "/config.json") }
    }
}
