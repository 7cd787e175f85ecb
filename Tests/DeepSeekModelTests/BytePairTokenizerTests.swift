import DeepSeekModel
import Foundation
import InfraCore
import Testing

@Suite("Byte-pair tokenizers")
struct BytePairTokenizerTests {
    struct Case: Decodable {
        var text: String
        var ids: [Int]
        var plain: [Int]
        var decoded: String
        var named: String
    }

    @Test(
        "identifiers and texts equal those of Hugging Face tokenizers",
        arguments: Fixtures.tokenizers
    )
    func equalsReference(name: String) throws {
        let folder = Fixtures.tokenizer(name)
        let tokenizer = try BytePairTokenizer(folder: folder)
        let cases: [Case] = try Fixtures.json(folder + "/cases.json")
        #expect(!cases.isEmpty)
        for expected in cases {
            let text = expected.text
            #expect(try tokenizer.encode(text) == expected.ids, "\(text.debugDescription)")
            #expect(
                try tokenizer.encode(text, addSpecialTokens: false) == expected.plain,
                "\(text.debugDescription)"
            )
            // Scalars: strings that differ in normalisation only are equal as Swift strings.
            let decoded = try tokenizer.decode(expected.ids)
            #expect(Array(decoded.unicodeScalars) == Array(expected.decoded.unicodeScalars))
            let named = try tokenizer.decode(expected.ids, skipSpecialTokens: false)
            #expect(Array(named.unicodeScalars) == Array(expected.named.unicodeScalars))
        }
    }

    @Test("a byte-level vocabulary reproduces random texts", arguments: 0..<20)
    func roundTrip(seed: Int) throws {
        let tokenizer = try BytePairTokenizer(folder: Fixtures.tokenizer("deepseek"))
        var random = SeededRandom(seed: UInt64(seed))
        let text = RandomText.make(scalarCount: 400, using: &random)
        let ids = try tokenizer.encode(text, addSpecialTokens: false)
        #expect(try tokenizer.decode(ids, skipSpecialTokens: false).utf8.elementsEqual(text.utf8))
    }

    @Test("streaming gives whole characters and the same text", arguments: 0..<20)
    func streaming(seed: Int) throws {
        let tokenizer = try BytePairTokenizer(folder: Fixtures.tokenizer("deepseek"))
        var random = SeededRandom(seed: UInt64(seed))
        // Random identifiers: bytes in an order no text has.
        let ids = (0..<300).map { _ in Int.random(in: 0..<tokenizer.vocabularySize, using: &random)
        }
        var decoder = StreamingDecoder(tokenizer)
        var streamed = ""
        for id in ids { streamed += try decoder.append(id) }
        streamed += decoder.finish()
        let whole = try tokenizer.decode(ids)
        #expect(Array(streamed.unicodeScalars) == Array(whole.unicodeScalars))
    }

    @Test("a character spread over tokens appears when it is complete")
    func characterOverTokens() throws {
        var decoder = StreamingDecoder(ByteTokenizer())
        let bytes = Array("é€😀".utf8).map { Int($0) }
        let pieces = try bytes.map { try decoder.append($0) }
        #expect(pieces == ["", "é", "", "", "€", "", "", "", "😀"])
        #expect(decoder.finish() == "")
        #expect(try decoder.append(0xF0) == "")
        #expect(decoder.finish() == "\u{FFFD}")
    }

    @Test("a long text without a cut takes time in proportion to its length")
    func longPiece() throws {
        let tokenizer = try BytePairTokenizer(folder: Fixtures.tokenizer("deepseek"))
        let text = String(repeating: "abcdefgh", count: 40_000)
        let start = ContinuousClock.now
        let ids = try tokenizer.encode(text, addSpecialTokens: false)
        // A quadratic loop over 320,000 symbols takes minutes.
        #expect(ContinuousClock.now - start < .seconds(20))
        #expect(try tokenizer.decode(ids) == text)
    }

    @Test("tokenizer_config.json names special tokens and asks for the first one")
    func specialTokens() throws {
        let folder = try ScratchFolder(copying: Fixtures.tokenizer("gpt2"))
        try folder.write(
            """
            {"add_bos_token": true, "bos_token": {"content": "<|begin|>"}, "eos_token": "<|end|>"}
            """,
            to: "tokenizer_config.json"
        )
        let tokenizer = try BytePairTokenizer(folder: folder.path)
        #expect(tokenizer.beginningOfSequenceID == 0)
        #expect(tokenizer.endOfSequenceID == 1)
        #expect(try tokenizer.encode("").first == 0)
        #expect(try tokenizer.encode("", addSpecialTokens: false) == [])
    }

    @Test("an identifier outside the vocabulary is refused by name", arguments: [false, true])
    func identifierOutside(above: Bool) throws {
        let tokenizer = try BytePairTokenizer(folder: Fixtures.tokenizer("deepseek"))
        let id = above ? tokenizer.vocabularySize : -1
        let error = #expect(throws: ModelError.self) { try tokenizer.decode([id]) }
        #expect(error?.code == .invalidToken)
        #expect(error?.message.contains("token id \(id)") == true)
        #expect(error?.message.contains("0 to \(tokenizer.vocabularySize - 1)") == true)
    }

    @Test(
        "what is not supported or malformed ends in one sentence that names it",
        arguments: [
            (#""type":"BPE""#, #""type":"Unigram""#, "model.type is \"Unigram\""),
            (#""dropout": null"#, #""dropout": 0.1"#, "model.dropout is 0.1"),
            (#""type": "Split""#, #""type": "Metaspace""#, "type is \"Metaspace\""),
            (#""behavior": "Isolated""#, #""behavior": "Sideways""#, "behavior is \"Sideways\""),
            (
                #""normalizer": null"#, #""normalizer": {"type": "NFKC"}"#,
                "normalizer.type is \"NFKC\""
            ),
            (#""Regex": "\\p{N}{1,3}""#, #""Regex": "(""#, "regular expression ("),
            (#""decoder": {"type": "ByteLevel""#, #""decoder": {"type": "Magic""#, "decoder.type"),
            (#""type": "TemplateProcessing""#, #""type": "Odd""#, "post_processor.type is \"Odd\""),
            (#""vocab": {"#, #""vocab": {"bad": -3, "#, "model.vocab.bad is -3"),
            (#""merges": ["#, #""merges": [["q", "nope"], "#, "merges[0]"),
            (#""merges": ["#, #""merges": ["one two three", "#, "merges[0]"),
            (
                #""added_tokens": ["#, #""added_tokens": [{"id": -1, "content": "x"}, "#,
                "added_tokens[0]"
            ),
            (#"{"version""#, #"{"version"""#, "line 1, column"),
        ]
    )
    func unsupported(found: String, replacement: String, message: String) throws {
        let folder = try ScratchFolder(copying: Fixtures.tokenizer("deepseek"))
        let text = try folder.read("tokenizer.json")
        // The model's type is written with a blank.
        let pattern = found.replacing(#""type":"BPE""#, with: #""type": "BPE""#)
        let at = try #require(text.range(of: pattern))
        try folder.write(text.replacingCharacters(in: at, with: replacement), to: "tokenizer.json")
        let error = #expect(throws: ModelError.self) { try BytePairTokenizer(folder: folder.path) }
        #expect(error?.message.contains(message) == true, "\(error?.description ?? "")")
        #expect(error?.message.contains("tokenizer.json") == true)
    }

    @Test("a missing file or folder is named")
    func missing() throws {
        let folder = try ScratchFolder()
        let missingFile = #expect(throws: ModelError.self) {
            try BytePairTokenizer(folder: folder.path)
        }
        #expect(missingFile?.message.contains("tokenizer.json does not exist") == true)
        let missingFolder = #expect(throws: ModelError.self) {
            try BytePairTokenizer(folder: folder.path + "/none")
        }
        #expect(missingFolder?.message.contains("/none does not exist") == true)
    }
}
