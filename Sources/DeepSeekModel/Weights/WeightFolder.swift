public import InfraCore
public import Tensors

/// The tensors of a model folder: one `model.safetensors`, or the shards that
/// `model.safetensors.index.json` lists.
///
/// Files are mapped into memory, so opening reads their headers only.
public struct WeightFolder: Sendable {
    /// The folder.
    public let path: String
    /// Rows and columns that share a factor where weights are FP8.
    private let blockSize: [Int]
    private let files: [String: SafetensorsFile]
    private let fileOfTensor: [String: String]

    /// The name of the index of a sharded checkpoint.
    public static let indexName = "model.safetensors.index.json"
    /// The name of a checkpoint in one file.
    public static let singleName = "model.safetensors"

    /// Opens the files of a folder.
    ///
    /// - Parameters:
    ///   - path: The folder.
    ///   - quantization: How FP8 weights are scaled; `nil` for blocks of 128 x 128.
    /// - Throws: ``ModelErrorCode/fileFailure`` or ``ModelErrorCode/malformedFile``, naming the
    ///   file; ``ModelErrorCode/missingTensor`` if the index promises what its file lacks.
    public init(
        path: String,
        quantization: QuantizationConfiguration? = nil
    ) throws(ModelError) {
        try ModelFile.requireFolder(path)
        self.path = path
        blockSize = (quantization ?? QuantizationConfiguration()).weightBlockSize
        let indexPath = "\(path)/\(Self.indexName)"
        if ModelFile.exists(indexPath) {
            (files, fileOfTensor) = try Self.openShards(of: path, indexPath: indexPath)
            return
        }
        guard ModelFile.exists("\(path)/\(Self.singleName)") else {
            throw ModelError(
                .fileFailure,
                "\(path) holds neither \(Self.singleName) nor \(Self.indexName)"
            )
        }
        let file = try Self.open("\(path)/\(Self.singleName)")
        files = [Self.singleName: file]
        fileOfTensor = Dictionary(
            uniqueKeysWithValues: file.names.map { ($0, Self.singleName) }
        )
    }

    private static func openShards(
        of path: String,
        indexPath: String
    ) throws(ModelError) -> ([String: SafetensorsFile], [String: String]) {
        let index = try JSONObject(
            try ModelFile.json(indexPath, purpose: "it lists the shards"),
            location: indexPath
        )
        guard let map = try index.object("weight_map") else {
            throw ModelError(.malformedFile, "\(indexPath): weight_map is missing")
        }
        var files: [String: SafetensorsFile] = [:]
        var fileOfTensor: [String: String] = [:]
        for member in map.members {
            guard case .string(let name) = member.value, !name.isEmpty, !name.contains("/") else {
                throw map.wrongKind(member.name, member.value, "the name of a file beside it")
            }
            if files[name] == nil { files[name] = try open("\(path)/\(name)") }
            guard files[name]?.entry(named: member.name) != nil else {
                throw ModelError(
                    .missingTensor,
                    "\(indexPath) says that \(name) holds \(member.name), but it does not"
                )
            }
            fileOfTensor[member.name] = name
        }
        return (files, fileOfTensor)
    }

    private static func open(_ path: String) throws(ModelError) -> SafetensorsFile {
        guard ModelFile.exists(path) else {
            throw ModelError(.fileFailure, "\(path) does not exist; the weights are incomplete")
        }
        do throws(TensorError) {
            return try SafetensorsFile(path: path)
        } catch {
            throw ModelError(.malformedFile, "\(path) is not valid safetensors", cause: error)
        }
    }

    /// The names of all tensors, sorted.
    public var names: [String] { fileOfTensor.keys.sorted() }

    /// Whether there is a tensor of this name.
    public func contains(_ name: String) -> Bool { fileOfTensor[name] != nil }

    /// What the files say of a tensor; `nil` if there is none of this name.
    public func entry(named name: String) -> SafetensorsEntry? {
        fileOfTensor[name].flatMap { files[$0]?.entry(named: name) }
    }

    /// The bytes all tensors take, as stored.
    public var byteCount: Int {
        fileOfTensor.keys.reduce(0) { $0 + (entry(named: $1)?.byteRange.count ?? 0) }
    }

    /// A tensor as it is stored.
    ///
    /// - Throws: ``ModelErrorCode/missingTensor``, or ``ModelErrorCode/misshapenTensor`` for a
    ///   dtype this package lacks.
    public func stored(_ name: String) throws(ModelError) -> HostTensor {
        guard let fileName = fileOfTensor[name], let file = files[fileName] else {
            throw ModelError(.missingTensor, "\(path) holds no tensor \(name)")
        }
        do throws(TensorError) {
            return try file.tensor(named: name)
        } catch {
            throw ModelError(.misshapenTensor, error.message, cause: error.cause)
        }
    }

    /// A tensor in float32; FP8 is multiplied by the factors of `weight_scale_inv`.
    ///
    /// - Parameters:
    ///   - name: The tensor's name.
    ///   - shape: The shape it must have.
    /// - Returns: float32, row-major; a view of the file if it is stored so.
    /// - Throws: ``ModelErrorCode/missingTensor`` or ``ModelErrorCode/misshapenTensor``.
    public func float32(_ name: String, shape: [Int]) throws(ModelError) -> HostTensor {
        let tensor = try stored(name)
        guard tensor.shape == shape else {
            throw ModelError(
                .misshapenTensor,
                "tensor \(name) has shape \(tensor.shape); config.json asks for \(shape)"
            )
        }
        let scaleName = name + "_scale_inv"
        switch tensor.dtype {
        case .float32: return tensor
        case .bfloat16, .float16: return tensor.converted(to: .float32)
        case .float8E4M3, .float8E5M2:
            guard contains(scaleName) else {
                throw ModelError(
                    .missingTensor,
                    "tensor \(name) is \(tensor.dtype.rawValue), but \(path) holds no \(scaleName)"
                )
            }
            return try BlockScales(
                try stored(scaleName).converted(to: .float32),
                blockSize: blockSize,
                name: scaleName,
                matrix: shape
            ).apply(to: tensor.converted(to: .float32))
        default:
            throw ModelError(
                .misshapenTensor,
                "tensor \(name) is \(tensor.dtype.rawValue); weights must be F32, BF16, F16, "
                    + "F8_E4M3 or F8_E5M2"
            )
        }
    }
}
