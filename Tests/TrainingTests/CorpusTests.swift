import Foundation
import InfraCore
import Tensors
import Testing
import Training

@Suite("Corpus and batches")
struct CorpusTests {
    @Test("text files of a folder in the order of their names; binaries and dot files left out")
    func folder() throws {
        let folder = try TemporaryFolder()
        let text = String(repeating: "all is well. ", count: 6000)
        func write(_ name: String, _ data: Data) throws {
            let path = folder.path + "/" + name
            try FileManager.default.createDirectory(
                atPath: (path as NSString).deletingLastPathComponent,
                withIntermediateDirectories: true
            )
            try data.write(to: URL(filePath: path))
        }
        try write("b.txt", Data(text.utf8))
        try write("a/first.txt", Data("first\n".utf8))
        try write("binary", Data([1, 0, 2]))
        try write("broken", Data([0xFF, 0xFE, 0x41]))
        try write(".git/config", Data("hidden".utf8))
        let corpus = try Corpus(path: folder.path)
        #expect(corpus.fileCount == 2)
        #expect(String(decoding: corpus.bytes, as: UTF8.self) == "first\n\n" + text)
    }

    @Test("a missing or tiny corpus is refused by name")
    func refusals() throws {
        let folder = try TemporaryFolder()
        try Data("tiny".utf8).write(to: URL(filePath: folder.path + "/t"))
        for path in [folder.path + "/absent", folder.path, folder.path + "/t"] {
            do {
                _ = try Corpus(path: path)
                Issue.record("\(path) was accepted")
            } catch {
                #expect(error.code == .corpusUnusable)
                #expect(error.message.contains(path))
            }
        }
    }

    @Test("targets are the tokens that follow, and no training sequence touches held-out text")
    func batches() {
        let length = 64
        let tokens = (0..<Int32(200_000)).map { $0 }
        let stream = TokenStream(tokens: tokens, vocabularySize: 200_000)
        let heldOut = Set(stream.heldOut.joined())
        #expect(heldOut.count + stream.trainingCount == tokens.count)
        for step in 0..<20 {
            let batch = stream.batch(
                seed: 3,
                step: step,
                chunk: 1,
                sequences: 5,
                length: length
            )
            let x = batch.tokens.elements(of: Int32.self)
            let y = batch.targets.elements(of: Int32.self)
            #expect(zip(x, y).allSatisfy { $0 + 1 == $1 })
            #expect((x + y).allSatisfy { !heldOut.contains($0) })
        }
        for batch in stream.heldOutBatches(count: 4, sequences: 8, length: length) {
            #expect(batch.tokens.elements(of: Int32.self).allSatisfy { heldOut.contains($0) })
        }
    }

    @Test("the unigram entropy of two equally frequent tokens is ln 2")
    func entropy() {
        let stream = TokenStream(
            tokens: (0..<10_000).map { Int32($0 % 2) },
            vocabularySize: 4
        )
        #expect(abs(stream.unigramEntropy - log(2)) < 1e-9)
    }
}
