import DeepSeekModel
import InfraCore
import Testing

@Suite("The byte tokenizer")
struct ByteTokenizerTests {
    @Test("a byte's identifier is its value, and a text begins with the special token for it")
    func bytes() throws {
        let tokenizer = ByteTokenizer()
        #expect(try tokenizer.encode("hé") == [256, 0x68, 0xC3, 0xA9])
        #expect(try tokenizer.encode("hé", addSpecialTokens: false) == [0x68, 0xC3, 0xA9])
        #expect(try ByteTokenizer(addsBeginningOfSequence: false).encode("a") == [97])
        #expect(tokenizer.vocabularySize == 259)
        #expect(try tokenizer.encode("") == [256])
    }

    @Test("special tokens are named in a text and left out of decoded ones")
    func specials() throws {
        let tokenizer = ByteTokenizer()
        #expect(try tokenizer.encode("a<|end|>b", addSpecialTokens: false) == [97, 257, 98])
        #expect(try tokenizer.decode([256, 97, 257]) == "a")
        #expect(
            try tokenizer.decode([256, 97, 257], skipSpecialTokens: false) == "<|begin|>a<|end|>"
        )
        #expect(throws: ModelError.self) { try tokenizer.decode([259]) }
        #expect(throws: ModelError.self) { try tokenizer.bytes(of: -1) }
    }

    @Test("the files it writes hold the same tokenizer", arguments: [true, false])
    func files(addsBeginningOfSequence: Bool) throws {
        let folder = try ScratchFolder()
        let original = ByteTokenizer(addsBeginningOfSequence: addsBeginningOfSequence)
        try original.write(toFolder: folder.path)
        let read = try BytePairTokenizer(folder: folder.path)
        #expect(read.vocabularySize == original.vocabularySize)
        #expect(read.beginningOfSequenceID == original.beginningOfSequenceID)
        #expect(read.endOfSequenceID == original.endOfSequenceID)
        #expect(read.specialTokenIDs == original.specialTokenIDs)
        var random = SeededRandom(seed: 7)
        for _ in 0..<20 {
            let text = RandomText.make(scalarCount: 50, using: &random) + "<|pad|>"
            #expect(try read.encode(text) == original.encode(text))
        }
        for id in 0..<259 { #expect(try read.bytes(of: id) == original.bytes(of: id)) }
    }
}
