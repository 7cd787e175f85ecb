// A linear map fitted by gradient descent, with the two halves of its backward pass.

import InfraCore
import Operators
import Tensors

// y = x Wᵀ for a hidden W of shape [2, 3], seen through 64 samples.
var random = SeededRandom(seed: 3)
let hidden = HostTensor([Float(1), -2, 0.5, 3, 0, -1], shape: [2, 3])
let x = HostTensor((0..<64 * 3).map { _ in random.normal() }, shape: [64, 3])
let y = try Linear.forward(x, weight: hidden)

var weight = HostTensor(zeros: [2, 3])
for step in 0...40 {
    // The loss is the mean of half the squared error, so its gradient is error / 64.
    var error = try Linear.forward(x, weight: weight)
    try Accumulate.add(y, to: &error, scale: -1)
    if step.isMultiple(of: 10) {
        let squares = error.elements(of: Float.self).reduce(0) { $0 + $1 * $1 }
        print("step \(step): loss \(squares / 128)")
    }
    var gradient = HostTensor(zeros: weight.shape)
    try Linear.addWeightGradient(error, input: x, to: &gradient)
    try Accumulate.add(gradient, to: &weight, scale: -0.5 / 64)
}
print("found:", weight.elements(of: Float.self))

// The other half: what a layer in front of this one would receive.
let dx = try Linear.inputGradient(y, weight: weight)
print("input gradient:", dx.shape)
