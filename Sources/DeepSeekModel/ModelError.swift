public import InfraCore

/// The kinds of failure this module reports.
public struct ModelErrorCode: FailureCode {
    /// The module's name.
    public static let domain = "DeepSeekModel"
    /// The code's stable name.
    public let name: String
    init(_ name: String) { self.name = name }

    /// A file or folder of a model is absent or cannot be read or written.
    public static let fileFailure = ModelErrorCode("fileFailure")
    /// A file of a model does not hold what its format prescribes.
    public static let malformedFile = ModelErrorCode("malformedFile")
    /// A file asks for something this package does not implement.
    public static let unsupported = ModelErrorCode("unsupported")
    /// A value of a configuration contradicts another one or its own range.
    public static let invalidConfiguration = ModelErrorCode("invalidConfiguration")
    /// A tensor is absent from the weights.
    public static let missingTensor = ModelErrorCode("missingTensor")
    /// A tensor of the weights has another shape or dtype than the configuration asks for.
    public static let misshapenTensor = ModelErrorCode("misshapenTensor")
    /// A token identifier lies outside the vocabulary, or a text has no token for a part of it.
    public static let invalidToken = ModelErrorCode("invalidToken")
    /// An argument of a call lies outside its range.
    public static let invalidArgument = ModelErrorCode("invalidArgument")
    /// A sequence would become longer than the model's positions.
    public static let sequenceTooLong = ModelErrorCode("sequenceTooLong")
    /// No free page is left in the latent cache.
    public static let cacheExhausted = ModelErrorCode("cacheExhausted")
}

/// An error of DeepSeekModel.
public typealias ModelError = Failure<ModelErrorCode>
