// An FP8 product with fine-grained scales, its accuracy, and the kernels a GPU would choose.

import DeepGEMM
import InfraCore
import Tensors

// Activations with an outlier: only its own 128 values lose precision.
var random = SeededRandom(seed: 1)
var numbers = (0..<32 * 1024).map { _ in random.normal() }
numbers[5] = 1000
let activations = HostTensor(numbers, shape: [32, 1024])
let weights = HostTensor((0..<64 * 1024).map { _ in random.normal() }, shape: [64, 1024])

let product = try CPUGEMM.multiply(
    QuantizedRows(quantizing: activations),
    QuantizedBlocks(quantizing: weights)
)
let exact = try HostTensor.matrixMultiply(activations, weights, transposeB: true)
print("difference:", ProductDifference.cosine(product, exact))

for rows in [64, 128, 4096] {
    let shape = GEMMShape(m: rows, n: 4096, k: 7168)
    print(shape, "runs as", GEMMHeuristics.dense(shape, multiprocessorCount: 132))
}
