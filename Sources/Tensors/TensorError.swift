public import InfraCore

/// The kinds of failure this module reports.
public struct TensorErrorCode: FailureCode {
    /// The module's name.
    public static let domain = "Tensors"
    /// The code's stable name.
    public let name: String
    init(_ name: String) { self.name = name }

    /// Shapes do not fit each other or the operation.
    public static let shapeMismatch = TensorErrorCode("shapeMismatch")
    /// A dtype is not the one an operation takes.
    public static let dtypeMismatch = TensorErrorCode("dtypeMismatch")
    /// An index or range lies outside its axis.
    public static let outOfRange = TensorErrorCode("outOfRange")
    /// A file is not valid safetensors.
    public static let malformedFile = TensorErrorCode("malformedFile")
    /// A named tensor is not in the file.
    public static let missingTensor = TensorErrorCode("missingTensor")
    /// A file could not be read or written.
    public static let fileFailure = TensorErrorCode("fileFailure")
    /// No BLAS library could be opened.
    public static let blasMissing = TensorErrorCode("blasMissing")
}

/// An error of Tensors.
public typealias TensorError = Failure<TensorErrorCode>
