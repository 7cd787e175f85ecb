import Operators
import Tensors

/// A weight matrix in a network: forward, and backward with the weight's part deferred.
struct LinearLayer {
    let weight: Parameter

    func forward(_ x: HostTensor) throws(OperatorError) -> HostTensor {
        try Linear.forward(x, weight: weight.value)
    }

    /// - Parameters:
    ///   - dy: The gradient of the output, `[M, N]`.
    ///   - x: What the forward pass was given, `[M, K]`.
    ///   - deferred: Takes the weight gradient.
    /// - Returns: The gradient of the input.
    func backward(
        _ dy: HostTensor,
        input x: HostTensor,
        _ deferred: inout DeferredGradients
    ) throws(OperatorError) -> HostTensor {
        deferWeight(dy, input: x, &deferred)
        return try Linear.inputGradient(dy, weight: weight.value)
    }

    /// Defers the weight gradient alone, where nobody needs the input's.
    func deferWeight(
        _ dy: HostTensor,
        input x: HostTensor,
        _ deferred: inout DeferredGradients
    ) {
        let weight = weight
        deferred.append { () throws(OperatorError) in
            try Linear.addWeightGradient(dy, input: x, to: &weight.gradient)
        }
    }
}
