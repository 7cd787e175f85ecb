import FoundationEssentials
import Tensors

// Stores a matrix in bf16 and FP8 as safetensors, maps the file back and shows what the formats
// cost in precision.
let values = (0..<64).map { Float($0) * 0.1 - 3.2 }
let matrix = HostTensor(values, shape: [8, 8])
let path = FileManager.default.temporaryDirectory.appending(path: "store-tensors.safetensors").path
try SafetensorsWriter.write(
    tensors: [
        "bf16": matrix.converted(to: .bfloat16),
        "fp8": matrix.converted(to: .float8E4M3),
    ],
    to: path
)
defer { try? FileManager.default.removeItem(atPath: path) }

let file = try SafetensorsFile(path: path)
for name in file.names {
    let stored = try file.tensor(named: name)
    let restored = stored.converted(to: .float32).elements(of: Float.self)
    let error = zip(values, restored).map { abs($0 - $1) }.max() ?? 0
    print("\(name): \(stored.byteCount) bytes, largest error \(error)")
}
