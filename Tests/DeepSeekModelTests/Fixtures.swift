import Foundation

/// Files made by scripts/make-model-fixtures.py.
enum Fixtures {
    /// The folder beside the tests.
    static let folder = URL(filePath: #filePath).deletingLastPathComponent()
        .appending(path: "Fixtures").path

    static func model(_ name: String) -> String { "\(folder)/models/\(name)" }
    static func tokenizer(_ name: String) -> String { "\(folder)/tokenizers/\(name)" }

    /// Decodes a JSON file.
    static func json<Value: Decodable>(_ path: String, as type: Value.Type = Value.self) throws
        -> Value
    {
        try JSONDecoder().decode(type, from: Data(contentsOf: URL(filePath: path)))
    }

    /// The models, by the name of their folder.
    static let models = [
        "moe-fp32", "dense-no-qlora", "no-interleave", "yarn", "yarn-old-keys", "tied-bias",
        "odd-bf16", "fp16", "fp8", "sharded", "mtp",
    ]

    /// The tokenizers, by the name of their folder.
    static let tokenizers = [
        "deepseek", "gpt2", "split-removed", "split-isolated", "split-previous", "split-next",
        "split-contiguous", "split-removed-invert", "split-isolated-invert",
        "split-previous-invert", "split-next-invert", "split-contiguous-invert", "split-digits",
        "split-digits-joined", "added", "nfd", "fallback", "unknown", "unknown-fused",
        "ignore-merges",
    ]
}

/// A folder that is removed with the test's last reference to it.
final class ScratchFolder: Sendable {
    let path: String

    init() throws {
        path =
            FileManager.default.temporaryDirectory
            .appending(path: "openinfra-model-\(UUID().uuidString)").path
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    }

    /// A folder with the files of another one.
    init(copying source: String) throws {
        path =
            FileManager.default.temporaryDirectory
            .appending(path: "openinfra-model-\(UUID().uuidString)").path
        try FileManager.default.copyItem(atPath: source, toPath: path)
    }

    func write(_ text: String, to name: String) throws {
        try Data(text.utf8).write(to: URL(filePath: path + "/" + name))
    }

    func read(_ name: String) throws -> String {
        try String(decoding: Data(contentsOf: URL(filePath: path + "/" + name)), as: UTF8.self)
    }

    func remove(_ name: String) throws {
        try FileManager.default.removeItem(atPath: path + "/" + name)
    }

    deinit { try? FileManager.default.removeItem(atPath: path) }
}
