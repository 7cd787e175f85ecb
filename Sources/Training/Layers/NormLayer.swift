import Operators
import Tensors

/// A root-mean-square norm in a network.
struct NormLayer {
    let weight: Parameter
    let epsilon: Float

    func forward(
        _ x: HostTensor
    ) throws(OperatorError) -> (output: HostTensor, saved: RMSNorm.Saved) {
        try RMSNorm.forward(x, weight: weight.value, epsilon: epsilon)
    }

    func backward(
        _ dy: HostTensor,
        _ saved: RMSNorm.Saved,
        _ deferred: inout DeferredGradients
    ) throws(OperatorError) -> HostTensor {
        let weight = weight
        deferred.append { () throws(OperatorError) in
            try RMSNorm.addWeightGradient(dy, saved: saved, to: &weight.gradient)
        }
        return try RMSNorm.inputGradient(dy, weight: weight.value, saved: saved)
    }
}
