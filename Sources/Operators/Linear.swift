public import InfraCore
public import Tensors

/// The linear map y = x Wᵀ of a weight stored as Hugging Face stores it, and its two gradients.
///
/// Letters: M rows (tokens), K input features, N output features. Everything is float32; sums are
/// accumulated in float32 by OpenBLAS.
public enum Linear {
    /// y = x Wᵀ.
    ///
    /// - Parameters:
    ///   - x: `[M, K]`.
    ///   - weight: `[N, K]`.
    /// - Returns: `[M, N]`.
    /// - Throws: ``OperatorErrorCode/tensorFailure`` if the shapes do not fit or OpenBLAS is
    ///   missing.
    public static func forward(
        _ x: HostTensor,
        weight: HostTensor
    ) throws(OperatorError) -> HostTensor {
        try tensors { () throws(TensorError) in
            try HostTensor.matrixMultiply(x, weight, transposeB: true)
        }
    }

    /// The gradient of the input, dx = dy W.
    ///
    /// - Parameters:
    ///   - dy: `[M, N]`.
    ///   - weight: `[N, K]`.
    /// - Returns: `[M, K]`.
    /// - Throws: ``OperatorErrorCode/tensorFailure``.
    public static func inputGradient(
        _ dy: HostTensor,
        weight: HostTensor
    ) throws(OperatorError) -> HostTensor {
        try tensors { () throws(TensorError) in try HostTensor.matrixMultiply(dy, weight) }
    }

    /// Adds the gradient of the weight, dW += dyᵀ x.
    ///
    /// - Parameters:
    ///   - dy: `[M, N]`.
    ///   - x: `[M, K]`.
    ///   - gradient: `[N, K]`, added to in place.
    /// - Throws: ``OperatorErrorCode/tensorFailure``.
    public static func addWeightGradient(
        _ dy: HostTensor,
        input x: HostTensor,
        to gradient: inout HostTensor
    ) throws(OperatorError) {
        do {
            try gradient.addMatrixProduct(dy, x, transposeA: true)
        } catch {
            throw OperatorError(.tensorFailure, error.message, cause: error.cause)
        }
    }
}
