import FoundationEssentials
import InfraCore

/// Reading and writing the small text files of a model folder.
enum ModelFile {
    /// The most bytes a JSON file of a model may have: 512 MiB, far above any vocabulary.
    static let maximumByteCount = 512 << 20

    /// Reads a whole file.
    ///
    /// - Throws: ``ModelErrorCode/fileFailure`` with the path and the remedy.
    static func read(_ path: String, purpose: String) throws(ModelError) -> [UInt8] {
        var isDirectory = false
        guard FileManager.default.fileExists(atPath: path, isDirectory: &isDirectory) else {
            throw ModelError(.fileFailure, "\(path) does not exist; \(purpose)")
        }
        guard !isDirectory else {
            throw ModelError(.fileFailure, "\(path) is a folder; \(purpose)")
        }
        do {
            let data = try Data(contentsOf: URL(filePath: path))
            guard data.count <= maximumByteCount else {
                throw ModelError(
                    .malformedFile,
                    "\(path) has \(data.count) bytes; at most \(maximumByteCount) are allowed"
                )
            }
            return [UInt8](data)
        } catch let error as ModelError {
            throw error
        } catch {
            throw ModelError(.fileFailure, "\(path) cannot be read; \(purpose)", cause: error)
        }
    }

    /// Reads and parses a JSON file.
    static func json(_ path: String, purpose: String) throws(ModelError) -> JSONValue {
        try JSONParser.parse(try read(path, purpose: purpose), file: path)
    }

    /// Whether a file is there.
    static func exists(_ path: String) -> Bool {
        var isDirectory = false
        return FileManager.default.fileExists(atPath: path, isDirectory: &isDirectory)
            && !isDirectory
    }

    /// Writes a file in one step: readers see the old content or the new one.
    static func write(_ text: String, to path: String) throws(ModelError) {
        do {
            try Data(text.utf8).write(to: URL(filePath: path), options: .atomic)
        } catch {
            throw ModelError(.fileFailure, "\(path) cannot be written", cause: error)
        }
    }

    /// Fails unless `path` is a folder.
    static func requireFolder(_ path: String) throws(ModelError) {
        var isDirectory = false
        guard FileManager.default.fileExists(atPath: path, isDirectory: &isDirectory) else {
            throw ModelError(
                .fileFailure,
                "model folder \(path) does not exist; give a folder that holds config.json, "
                    + "tokenizer.json and safetensors files"
            )
        }
        guard isDirectory else {
            throw ModelError(
                .fileFailure,
                "model folder \(path) is a file; give the folder that holds config.json"
            )
        }
    }
}
