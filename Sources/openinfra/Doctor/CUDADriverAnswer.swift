import InfraCore

/// What the CUDA driver says of itself and of the GPUs it sees.
enum CUDADriverAnswer {
    private typealias Initialize = @convention(c) (UInt32) -> Int32
    private typealias GetNumber = @convention(c) (UnsafeMutablePointer<Int32>) -> Int32
    private typealias GetDevice = @convention(c) (UnsafeMutablePointer<Int32>, Int32) -> Int32
    private typealias GetName = @convention(c) (UnsafeMutablePointer<CChar>, Int32, Int32) -> Int32
    private typealias GetAttribute =
        @convention(c) (UnsafeMutablePointer<Int32>, Int32, Int32) -> Int32

    /// `CU_DEVICE_ATTRIBUTE_COMPUTE_CAPABILITY_MAJOR` and `..._MINOR` of cuda.h.
    private static let computeCapabilityMajor: Int32 = 75
    private static let computeCapabilityMinor: Int32 = 76

    /// Initialises the driver and describes it: its CUDA version, then each device's name and
    /// compute capability.
    static func describe(_ library: DynamicLibrary) throws -> String {
        try check("cuInit", library.function("cuInit", as: Initialize.self)(0))
        var number: Int32 = 0
        let getVersion = try library.function("cuDriverGetVersion", as: GetNumber.self)
        try check("cuDriverGetVersion", getVersion(&number))
        // The version is major * 1000 + minor * 10.
        let version = "CUDA \(number / 1000).\(number % 1000 / 10)"

        var count: Int32 = 0
        let getCount = try library.function("cuDeviceGetCount", as: GetNumber.self)
        try check("cuDeviceGetCount", getCount(&count))
        guard count > 0 else { throw ProbeFailure(description: "\(version), but no device") }
        let devices = try (0..<count).map { try describeDevice($0, in: library) }
        return "\(version), \(count) device\(count == 1 ? "" : "s"): "
            + devices.joined(separator: ", ")
    }

    private static func describeDevice(
        _ index: Int32,
        in library: DynamicLibrary
    ) throws -> String {
        var device: Int32 = 0
        let getDevice = try library.function("cuDeviceGet", as: GetDevice.self)
        try check("cuDeviceGet", getDevice(&device, index))

        var name = [CChar](repeating: 0, count: 256)
        let getName = try library.function("cuDeviceGetName", as: GetName.self)
        try check("cuDeviceGetName", getName(&name, Int32(name.count - 1), device))

        var major: Int32 = 0
        var minor: Int32 = 0
        let getAttribute = try library.function("cuDeviceGetAttribute", as: GetAttribute.self)
        try check("cuDeviceGetAttribute", getAttribute(&major, computeCapabilityMajor, device))
        try check("cuDeviceGetAttribute", getAttribute(&minor, computeCapabilityMinor, device))
        let bytes = name.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }
        return "\(String(decoding: bytes, as: UTF8.self)) (\(major).\(minor))"
    }

    private static func check(_ function: String, _ status: Int32) throws {
        guard status == 0 else {
            throw ProbeFailure(description: "\(function) returned CUDA error \(status)")
        }
    }
}
