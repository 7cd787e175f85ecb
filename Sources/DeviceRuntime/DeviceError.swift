public import InfraCore

/// The kinds of failure this module reports.
public struct DeviceErrorCode: FailureCode {
    /// The module's name.
    public static let domain = "DeviceRuntime"
    /// The code's stable name.
    public let name: String
    init(_ name: String) { self.name = name }

    /// A shape or dtype does not fit the operation.
    public static let shapeMismatch = DeviceErrorCode("shapeMismatch")
    /// An index or range lies outside its axis.
    public static let outOfRange = DeviceErrorCode("outOfRange")
    /// The GPU is of a generation that a kernel does not support.
    public static let wrongArchitecture = DeviceErrorCode("wrongArchitecture")
    /// An argument is wrong for another reason.
    public static let invalidArgument = DeviceErrorCode("invalidArgument")
}

/// An error of DeviceRuntime. Errors of the layers below pass through as they are.
public typealias DeviceError = Failure<DeviceErrorCode>
