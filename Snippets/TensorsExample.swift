// Narrow number formats, block quantisation and a checkpoint that is read back from disk.

import Glibc
import InfraCore
import Tensors

// The same value in the formats DeepSeek-V3 uses: fewer bits, coarser steps.
let value: Float = 0.3
print("bf16 \(BFloat16(value)), e4m3 \(Float8E4M3(value)), scale \(UE8M0(value, rounding: .up))")

// A weight with an outlier: only the outlier's own tile loses precision.
var random = SeededRandom(seed: 1)
var numbers = (0..<256 * 256).map { _ in random.normal() * 0.02 }
numbers[0] = 10_000
let weight = HostTensor(numbers, shape: [256, 256])
let quantized = try BlockQuantizedTensor(quantizing: weight, block: .weightTile)
print("scales:", quantized.scales.elements(of: Float.self))
for (name, row) in [("outlier's tiles", 0), ("other tiles", 128)] {
    let original = try weight.slice(axis: 0, from: row, count: 128)
    let restored = try quantized.dequantized().slice(axis: 0, from: row, count: 128)
    print("largest error in the \(name):", try restored.maximumDifference(to: original))
}

// Values and scales go to a safetensors file under the names of DeepSeek's checkpoints.
let path = "tensors-example.safetensors"
try SafetensorsWriter.write(
    tensors: ["weight": quantized.values, "weight_scale_inv": quantized.scales],
    metadata: ["format": "pt"],
    to: path
)
let file = try SafetensorsFile(path: path)
for entry in file.entries { print(entry.name, entry.dtypeName, entry.shape) }
let read = try BlockQuantizedTensor(
    values: file.tensor(named: "weight"),
    scales: file.tensor(named: "weight_scale_inv"),
    block: .weightTile
)
print("read back the same:", read == quantized)
unlink(path)
