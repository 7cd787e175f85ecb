public import InfraCore
internal import Tensors

/// The kinds of failure this module reports.
public struct OperatorErrorCode: FailureCode {
    /// The module's name.
    public static let domain = "Operators"
    /// The code's stable name.
    public let name: String
    init(_ name: String) { self.name = name }

    /// Shapes do not fit each other or the operator.
    public static let shapeMismatch = OperatorErrorCode("shapeMismatch")
    /// A tensor is not float32.
    public static let dtypeMismatch = OperatorErrorCode("dtypeMismatch")
    /// A token, target or position lies outside its table.
    public static let outOfRange = OperatorErrorCode("outOfRange")
    /// A configuration value is not allowed.
    public static let invalidConfiguration = OperatorErrorCode("invalidConfiguration")
    /// The tensor library failed underneath, for example because OpenBLAS is missing.
    public static let tensorFailure = OperatorErrorCode("tensorFailure")
}

/// An error of Operators.
public typealias OperatorError = Failure<OperatorErrorCode>

/// Checks that `tensor` is float32 and has the shape an operator needs; -1 stands for any length.
func require(
    _ tensor: HostTensor,
    _ name: String,
    _ shape: [Int]
) throws(OperatorError) {
    guard tensor.dtype == .float32 else {
        throw OperatorError(.dtypeMismatch, "\(name) is \(tensor.dtype.rawValue); it must be F32")
    }
    let fits =
        tensor.rank == shape.count
        && zip(tensor.shape, shape).allSatisfy { $0 == $1 || $1 == -1 }
    guard fits else {
        let wanted = shape.map { $0 == -1 ? "any" : String($0) }.joined(separator: ", ")
        throw OperatorError(
            .shapeMismatch,
            "\(name) has shape \(tensor.shape); it must be [\(wanted)]"
        )
    }
}

/// Runs tensor code and passes its error on as one of this module.
func tensors<Result>(
    _ body: () throws(TensorError) -> Result
) throws(OperatorError) -> Result {
    do {
        return try body()
    } catch {
        throw OperatorError(.tensorFailure, error.message, cause: error.cause)
    }
}
