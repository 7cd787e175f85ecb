public import InfraCore

/// The kinds of failure this module reports.
public struct CUDAErrorCode: FailureCode {
    /// The module's name.
    public static let domain = "CUDADriver"
    /// The code's stable name.
    public let name: String
    init(_ name: String) { self.name = name }

    /// No driver library could be opened, or it is too old.
    public static let driverMissing = CUDAErrorCode("driverMissing")
    /// The machine has no GPU that this process may use, or not the one asked for.
    public static let deviceMissing = CUDAErrorCode("deviceMissing")
    /// The device or the host has too little free memory.
    public static let outOfMemory = CUDAErrorCode("outOfMemory")
    /// An argument is wrong; nothing was submitted to the device.
    public static let invalidArgument = CUDAErrorCode("invalidArgument")
    /// Machine code does not fit the device's architecture.
    public static let wrongArchitecture = CUDAErrorCode("wrongArchitecture")
    /// The device or driver lacks a feature.
    public static let notSupported = CUDAErrorCode("notSupported")
    /// A wait ended before the device was done.
    public static let timedOut = CUDAErrorCode("timedOut")
    /// A kernel failed while it ran; the context is lost, and with it all memory on the device.
    public static let contextLost = CUDAErrorCode("contextLost")
    /// Any other failure of a driver call.
    public static let callFailed = CUDAErrorCode("callFailed")
}

/// An error of CUDADriver; where a driver call failed, its cause is a ``CUDACallFailure``.
public typealias CUDAError = Failure<CUDAErrorCode>

/// What the driver answered to one call.
public struct CUDACallFailure: Error, Sendable, Hashable, CustomStringConvertible {
    /// The driver's function, such as `cuMemAlloc`.
    public var function: String
    /// The arguments, named, such as `byteCount: 1024`.
    public var arguments: String
    /// The number of the error.
    public var status: Int32
    /// The name of the error, such as `CUDA_ERROR_OUT_OF_MEMORY`.
    public var name: String
    /// The driver's sentence about it.
    public var explanation: String

    /// Call, arguments, name, number and sentence in one line.
    public var description: String {
        "\(function)(\(arguments)) returned \(name) (\(status), \(explanation))"
    }
}
