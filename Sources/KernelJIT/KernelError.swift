public import InfraCore

/// The kinds of failure this module reports.
public struct KernelErrorCode: FailureCode {
    /// The module's name.
    public static let domain = "KernelJIT"
    /// The code's stable name.
    public let name: String
    init(_ name: String) { self.name = name }

    /// No compiler could be opened, and neither cache nor bundle has the kernel.
    public static let compilerMissing = KernelErrorCode("compilerMissing")
    /// A kernel does not compile; the message carries the compiler's log.
    public static let compilationFailed = KernelErrorCode("compilationFailed")
    /// The compiler failed for a reason other than the source.
    public static let compilerFailed = KernelErrorCode("compilerFailed")
    /// A file is no bundle of kernels, or is damaged.
    public static let malformedBundle = KernelErrorCode("malformedBundle")
    /// A file could not be read or written.
    public static let fileFailure = KernelErrorCode("fileFailure")
}

/// An error of KernelJIT.
public typealias KernelError = Failure<KernelErrorCode>
