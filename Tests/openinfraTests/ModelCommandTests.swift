import Foundation
import Testing

@Suite("openinfra generate and openinfra model")
struct ModelCommandTests {
    static let fixtures = URL(filePath: #filePath).deletingLastPathComponent()
        .deletingLastPathComponent().appending(path: "DeepSeekModelTests/Fixtures").path
    static let model = fixtures + "/models/moe-fp32"
    static let tokenizer = fixtures + "/tokenizers/deepseek"

    /// A vocabulary of the model's 40 tokens: letters, digits, signs.
    static let letters = Array("abcdefghijklmnopqrstuvwxyz0123456789 .,!").map(String.init)

    /// A model folder with a tokenizer that fits it.
    private func modelFolder(replacing files: [String: String] = [:]) throws -> TemporaryFolder {
        let folder = try TemporaryFolder()
        for name in ["config.json", "model.safetensors", "greedy.json"] {
            try FileManager.default.copyItem(
                atPath: Self.model + "/" + name,
                toPath: folder.file(name).path
            )
        }
        let vocabulary = Dictionary(
            uniqueKeysWithValues: Self.letters.enumerated().map { ($1, $0) }
        )
        let tokenizer: [String: Any] = [
            "model": ["type": "BPE", "vocab": vocabulary, "merges": [String]()] as [String: Any],
            "decoder": ["type": "Fuse"],
        ]
        try JSONSerialization.data(withJSONObject: tokenizer)
            .write(to: folder.file("tokenizer.json"))
        for (name, text) in files { try Data(text.utf8).write(to: folder.file(name)) }
        return folder
    }

    struct Generated: Decodable {
        var text: String
        var ids: [Int]
        var logProbabilities: [Float]
        var finishReason: String
        var promptTokens: Int
    }
    struct Greedy: Decodable {
        var prompt: [Int]
        var continuation: [Int]
    }

    @Test("generate continues a prompt as transformers does, as text and as JSON")
    func generate() throws {
        let folder = try modelFolder()
        let greedy = try JSONDecoder().decode(
            Greedy.self,
            from: Data(contentsOf: folder.file("greedy.json"))
        )
        let prompt = greedy.prompt.map { Self.letters[$0] }.joined()
        let expected = greedy.continuation.map { Self.letters[$0] }.joined()
        let arguments = [
            "generate", "--model", folder.path, "--prompt", prompt, "--max-tokens", "12",
        ]
        let plain = try ProgramRun(arguments)
        #expect(plain.exitCode == 0, "\(plain)")
        #expect(plain.standardOutput == expected + "\n")
        let json = try ProgramRun(arguments + ["--json"])
        let generated = try json.decode(Generated.self)
        #expect(generated.text == expected)
        #expect(generated.ids == greedy.continuation)
        #expect(generated.promptTokens == 10)
        #expect(generated.finishReason == "length")
        #expect(generated.logProbabilities.count == 12)
        #expect(generated.logProbabilities.allSatisfy { $0 <= 0 })
    }

    @Test("the same seed gives the same text, another seed another")
    func seeds() throws {
        let folder = try modelFolder()
        func text(_ seed: String) throws -> String {
            try ProgramRun([
                "generate", "--model", folder.path, "--prompt", "abc", "--max-tokens", "30",
                "--temperature", "1.5", "--top-p", "0.9", "--top-k", "30", "--seed", seed,
            ]).standardOutput
        }
        let first = try text("7")
        #expect(first.count > 1)
        #expect(try text("7") == first)
        #expect(try text("8") != first)
    }

    @Test("logits are one row of the vocabulary a token")
    func logits() throws {
        struct Logits: Decodable { var logits: [[Float]] }
        let run = try ProgramRun([
            "model", "logits", "--model", Self.model, "--tokens", "1,2, 3", "--json",
        ])
        let logits = try run.decode(Logits.self).logits
        #expect(logits.map(\.count) == [40, 40, 40])
        let table = try ProgramRun(["model", "logits", "--model", Self.model, "--tokens", "5"])
        let row = try JSONDecoder().decode(
            Logits.self,
            from: Data(
                ProgramRun(["model", "logits", "--model", Self.model, "--tokens", "5", "--json"])
                    .standardOutput.utf8
            )
        ).logits[0]
        let best = try #require(row.indices.max { row[$0] < row[$1] })
        #expect(table.standardOutput.contains("\(best) (\(row[best]))"), "\(table)")
    }

    @Test("tokenize needs tokenizer.json only, and leaves special tokens out on request")
    func tokenize() throws {
        struct Tokens: Decodable { var ids: [Int] }
        let arguments = ["model", "tokenize", "--model", Self.tokenizer, "--text", "Hello, 世界"]
        let ids = try ProgramRun(arguments + ["--json"]).decode(Tokens.self).ids
        let plain = try ProgramRun(arguments + ["--json", "--no-special-tokens"])
            .decode(Tokens.self).ids
        #expect(ids == [0] + plain)
        #expect(!plain.isEmpty)
        let table = try ProgramRun(arguments).standardOutput
        #expect(table.contains("<|begin|>"))
        let empty = try ProgramRun([
            "model", "tokenize", "--model", Self.tokenizer, "--text", "", "--no-special-tokens",
            "--json",
        ])
        #expect(try empty.decode(Tokens.self).ids == [])
    }

    @Test("info describes a model, with and without weights")
    func info() throws {
        struct Info: Decodable {
            var layers: Int
            var mixtureLayers: Int
            var parameters: Int
            var weights: [String: Int]?
        }
        let run = try ProgramRun(["model", "info", "--model", Self.model, "--json"])
        let info = try run.decode(Info.self)
        #expect(info.layers == 3)
        #expect(info.mixtureLayers == 2)
        #expect(info.weights == ["F32": info.weights?["F32"] ?? 0])
        let folder = try modelFolder()
        try FileManager.default.removeItem(at: folder.file("model.safetensors"))
        let bare = try ProgramRun(["model", "info", "--model", folder.path])
        #expect(bare.exitCode == 0)
        #expect(bare.standardOutput.contains("none in this folder"), "\(bare)")
        #expect(bare.standardOutput.contains("\(info.parameters)"))
    }

    static let wrongUses: [(arguments: [String], message: String)] = [
        (["generate", "--prompt", ""], "--prompt is empty"),
        (["generate", "--prompt", "a", "--max-tokens", "0"], "--max-tokens is 0; it must be"),
        (["generate", "--prompt", "a", "--max-tokens=-3"], "--max-tokens is -3"),
        (["generate", "--prompt", "a", "--max-tokens", "x"], "max-tokens"),
        (["generate", "--prompt", "a", "--temperature=-1"], "--temperature is -1.0"),
        (["generate", "--prompt", "a", "--top-p", "1.5"], "--top-p is 1.5"),
        (["generate", "--prompt", "a", "--top-k", "0"], "--top-k is 0"),
        (
            ["generate", "--prompt", longPrompt],
            "--prompt has 257 tokens; max_position_embeddings of the model allows 256"
        ),
        (
            ["model", "logits", "--tokens", "1,40"],
            "token id 40 is outside the vocabulary; allowed: 0 to 39"
        ),
        (["model", "logits", "--tokens=-1"], "token id -1"),
        (["model", "logits", "--tokens", "1,,2"], "--tokens holds \"\""),
        (["model", "logits", "--tokens", "1,two"], "--tokens holds \"two\""),
        (["model", "logits", "--tokens", ""], "--tokens holds \"\""),
        (["model", "logits", "--tokens", "1", "--top", "0"], "--top is 0"),
        (
            ["model", "logits", "--tokens", longTokens],
            "257 tokens; max_position_embeddings allows 256"
        ),
    ]
    static let longPrompt = String(repeating: "a", count: 257)
    static let longTokens = [String](repeating: "1", count: 257).joined(separator: ",")

    @Test("a wrong argument is named in one line, and the exit code is 64", arguments: wrongUses)
    func usage(arguments: [String], message: String) throws {
        let folder = try modelFolder()
        expectFailure(
            try ProgramRun(arguments + ["--model", folder.path]),
            exitCode: 64,
            message: message
        )
    }

    static let uses = [
        ["generate", "--prompt", "a"], ["model", "logits", "--tokens", "1"],
        ["model", "tokenize", "--text", "a"], ["model", "info"],
    ]

    @Test("a missing folder is named in one line, and the exit code is 1", arguments: uses)
    func missingFolder(arguments: [String]) throws {
        let run = try ProgramRun(arguments + ["--model", "/nonexistent/model"])
        expectFailure(run, exitCode: 1, message: "/nonexistent/model does not exist")
    }

    @Test("malformed JSON is named with its line, and the exit code is 1", arguments: uses)
    func malformed(arguments: [String]) throws {
        let folder = try modelFolder(
            replacing: ["config.json": "{\n\"a\" 1}", "tokenizer.json": "{\n\"a\" 1}"]
        )
        let run = try ProgramRun(arguments + ["--model", folder.path])
        expectFailure(
            run,
            exitCode: 1,
            message: ".json is not valid JSON: a colon was expected at line 2"
        )
    }

    @Test(
        "a file the folder lacks is named, and the exit code is 1",
        arguments: [
            ("tokenizer.json", "tokenizer.json does not exist"),
            ("config.json", "config.json does not exist"),
            ("model.safetensors", "holds neither model.safetensors nor"),
        ]
    )
    func incomplete(file: String, message: String) throws {
        let folder = try modelFolder()
        try FileManager.default.removeItem(at: folder.file(file))
        let run = try ProgramRun(["generate", "--model", folder.path, "--prompt", "a"])
        expectFailure(run, exitCode: 1, message: message)
    }

    private func expectFailure(_ run: ProgramRun, exitCode: Int32, message: String) {
        #expect(run.exitCode == exitCode, "\(run)")
        #expect(run.standardOutput == "", "\(run)")
        #expect(run.standardError.contains(message), "\(run)")
        #expect(run.standardError.split(separator: "\n").count == 1, "\(run)")
    }
}
