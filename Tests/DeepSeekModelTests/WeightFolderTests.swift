import DeepSeekModel
import Foundation
import InfraCore
import Tensors
import Testing

@Suite("Weights")
struct WeightFolderTests {
    @Test("the catalog lists exactly the tensors of the checkpoint", arguments: Fixtures.models)
    func catalog(name: String) throws {
        let folder = Fixtures.model(name)
        let configuration = try ModelConfiguration(folder: folder)
        let weights = try WeightFolder(path: folder, quantization: configuration.quantization)
        // Scales belong to their matrix; a module's own embedding and head repeat the model's.
        let stored = weights.names.filter {
            !$0.hasSuffix("_scale_inv") && !$0.hasSuffix("shared_head.head.weight")
                && !($0.hasSuffix("embed_tokens.weight") && $0.contains("layers"))
        }
        let catalog = WeightCatalog(configuration)
        #expect(stored == catalog.shapes.keys.sorted())
        try catalog.check(weights)
        #expect(
            catalog.parameterCount
                == stored.reduce(0) {
                    $0 + (weights.entry(named: $1)?.shape.reduce(1, *) ?? 0)
                }
        )
    }

    @Test("FP8 weights are multiplied by the factor of their block")
    func blockScales() throws {
        let folder = try ScratchFolder()
        let codes = (0..<6).map { _ in UInt8(0x38) }  // 1.0 in E4M3
        let matrix = HostTensor(codes, shape: [2, 3])
        let bytes = matrix.elements(of: UInt8.self)
        let storage = AlignedBytes(byteCount: bytes.count)
        for (index, byte) in bytes.enumerated() {
            storage.base.storeBytes(of: byte, toByteOffset: index, as: UInt8.self)
        }
        let quantised = try HostTensor(storage: storage, shape: [2, 3], dtype: .float8E4M3)
        try SafetensorsWriter.write(
            tensors: [
                "w": quantised, "w_scale_inv": HostTensor([Float(2), 3, 5, 7], shape: [2, 2]),
                "bare": quantised, "odd": quantised,
                "odd_scale_inv": HostTensor([Float(1)], shape: [1, 1]),
                "count": HostTensor([Int32(1)]),
            ],
            to: folder.path + "/model.safetensors"
        )
        let weights = try WeightFolder(
            path: folder.path,
            quantization: QuantizationConfiguration(weightBlockSize: [1, 2])
        )
        let values = try weights.float32("w", shape: [2, 3]).elements(of: Float.self)
        #expect(values == [2, 2, 3, 5, 5, 7])

        let bare = #expect(throws: ModelError.self) { try weights.float32("bare", shape: [2, 3]) }
        #expect(bare?.message.contains("holds no bare_scale_inv") == true)
        let odd = #expect(throws: ModelError.self) { try weights.float32("odd", shape: [2, 3]) }
        #expect(odd?.message.contains("odd_scale_inv has shape [1, 1]") == true)
        #expect(odd?.message.contains("needs [2, 2]") == true)
        let count = #expect(throws: ModelError.self) { try weights.float32("count", shape: [1]) }
        #expect(count?.message.contains("count is I32") == true)
        let none = #expect(throws: ModelError.self) { try weights.float32("none", shape: [1]) }
        #expect(none?.code == .missingTensor)
        let shape = #expect(throws: ModelError.self) { try weights.float32("w", shape: [3, 2]) }
        #expect(shape?.message.contains("has shape [2, 3]; config.json asks for [3, 2]") == true)
    }

    @Test("missing and misshapen tensors end in one error that names them")
    func incomplete() throws {
        let folder = try ScratchFolder(copying: Fixtures.model("dense-no-qlora"))
        let text = try folder.read("config.json")
        func failure(_ found: String, _ replacement: String) throws -> ModelError? {
            try #require(text.contains(found))
            try folder.write(text.replacing(found, with: replacement), to: "config.json")
            return #expect(throws: ModelError.self) { try DeepSeekV3Model(folder: folder.path) }
        }
        let more = try failure("\"num_hidden_layers\": 2", "\"num_hidden_layers\": 3")
        #expect(more?.code == .missingTensor)
        #expect(more?.message.contains("model.layers.2.") == true)
        #expect(more?.message.contains("more") == true)
        let wide = try failure("\"intermediate_size\": 40", "\"intermediate_size\": 41")
        #expect(wide?.code == .misshapenTensor)
        #expect(
            wide?.message.contains(
                "model.layers.0.mlp.down_proj.weight has shape [24, 40] instead of [24, 41]"
            ) == true
        )
    }

    @Test("files that are absent or broken are named")
    func broken() throws {
        let folder = try ScratchFolder(copying: Fixtures.model("sharded"))
        func failure() -> String {
            let error = #expect(throws: ModelError.self) {
                try DeepSeekV3Model(folder: folder.path)
            }
            return error?.message ?? ""
        }
        try folder.remove("model-00002-of-00004.safetensors")
        #expect(failure().contains("model-00002-of-00004.safetensors does not exist"))
        try folder.write("short", to: "model-00002-of-00004.safetensors")
        #expect(failure().contains("model-00002-of-00004.safetensors is not valid safetensors"))
        let index = "model.safetensors.index.json"
        try folder.write(#"{"weight_map": {"x": "../x"}}"#, to: index)
        #expect(failure().contains("weight_map.x is \"../x\""))
        try folder.write(#"{"weight_map": {"x": "model-00001-of-00004.safetensors"}}"#, to: index)
        #expect(failure().contains("says that model-00001-of-00004.safetensors holds x"))
        try folder.write("{}", to: index)
        #expect(failure().contains("weight_map is missing"))
        try folder.write("{", to: index)
        #expect(failure().contains("is not valid JSON"))
        try folder.remove(index)
        #expect(failure().contains("holds neither model.safetensors nor"))
        try folder.remove("config.json")
        #expect(failure().contains("config.json does not exist"))
    }
}
