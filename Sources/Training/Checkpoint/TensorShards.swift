import FoundationEssentials
import InfraCore
import Tensors

/// The tensors of a checkpoint: one model file and one optimizer file a rank, and the index that
/// Hugging Face readers look for.
enum TensorShards {
    /// The optimizer's tensors are named after their parameter with these suffixes.
    static let firstMomentSuffix = ".exp_avg"
    static let secondMomentSuffix = ".exp_avg_sq"

    static func modelFile(rank: Int, of count: Int) -> String {
        "model-\(digits(rank + 1))-of-\(digits(count)).safetensors"
    }

    static func optimizerFile(rank: Int, of count: Int) -> String {
        "optimizer-\(digits(rank + 1))-of-\(digits(count)).safetensors"
    }

    /// Writes `model.safetensors.index.json` for the model files of a folder.
    static func writeIndex(folder: String, rankCount: Int) throws {
        var map: [String: String] = [:]
        var total = 0
        for rank in 0..<rankCount {
            let name = modelFile(rank: rank, of: rankCount)
            for entry in try SafetensorsFile(path: "\(folder)/\(name)").entries {
                map[entry.name] = name
                total += entry.byteRange.count
            }
        }
        struct Index: Encodable {
            var metadata: [String: Int]
            var weight_map: [String: String]
        }
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        let data = try encoder.encode(Index(metadata: ["total_size": total], weight_map: map))
        try data.write(to: URL(filePath: "\(folder)/model.safetensors.index.json"))
    }

    /// Finds tensors by name in all files of a folder whose names begin with `prefix`.
    struct Reader {
        private let files: [SafetensorsFile]
        private let fileOfName: [String: Int]
        private let folder: String

        init(folder: String, prefix: String) throws {
            self.folder = folder
            files = try FileManager.default.contentsOfDirectory(atPath: folder)
                .filter { $0.hasPrefix(prefix) && $0.hasSuffix(".safetensors") }
                .sorted()
                .map { try SafetensorsFile(path: "\(folder)/\($0)") }
            var fileOfName: [String: Int] = [:]
            for (index, file) in files.enumerated() {
                for name in file.names { fileOfName[name] = index }
            }
            self.fileOfName = fileOfName
        }

        /// Reads a float32 tensor of a known shape.
        func tensor(_ name: String, shape: [Int]) throws -> HostTensor {
            guard let index = fileOfName[name] else {
                throw TrainingError(.checkpointUnusable, "\(folder) holds no tensor \(name)")
            }
            let tensor = try files[index].tensor(named: name)
            guard tensor.shape == shape, tensor.dtype == .float32 else {
                throw TrainingError(
                    .checkpointUnusable,
                    "\(name) in \(folder) is \(tensor.dtype.rawValue) \(tensor.shape); the model "
                        + "needs F32 \(shape)"
                )
            }
            return tensor
        }
    }

    private static func digits(_ number: Int) -> String {
        let digits = String(number)
        return String(repeating: "0", count: max(0, 5 - digits.count)) + digits
    }
}
