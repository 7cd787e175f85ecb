import CCUDA

/// One GPU.
public struct CUDADevice: Sendable {
    /// The driver that found it.
    public let driver: Driver
    /// Its number, from 0, in the driver's order.
    public let ordinal: Int
    let handle: Int32

    /// The marketing name, such as `NVIDIA H200`.
    ///
    /// - Throws: ``CUDAErrorCode/callFailed``.
    public func name() throws(CUDAError) -> String {
        var name = [CChar](repeating: 0, count: 256)
        try driver.check(
            driver.api.deviceGetName(&name, Int32(name.count - 1), handle),
            "cuDeviceGetName",
            "device: \(ordinal)"
        )
        let bytes = name.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }
        return String(decoding: bytes, as: UTF8.self)
    }

    /// The facts that decide how kernels are built and launched.
    ///
    /// - Throws: ``CUDAErrorCode/callFailed``.
    public func properties() throws(CUDAError) -> DeviceProperties {
        var memoryByteCount = 0
        try driver.check(
            driver.api.deviceTotalMem(&memoryByteCount, handle),
            "cuDeviceTotalMem",
            "device: \(ordinal)"
        )
        return DeviceProperties(
            name: try name(),
            computeCapabilityMajor: try attribute(OI_CU_DEVICE_COMPUTE_CAPABILITY_MAJOR),
            computeCapabilityMinor: try attribute(OI_CU_DEVICE_COMPUTE_CAPABILITY_MINOR),
            multiprocessorCount: try attribute(OI_CU_DEVICE_MULTIPROCESSOR_COUNT),
            l2ByteCount: try attribute(OI_CU_DEVICE_L2_CACHE_SIZE),
            sharedMemoryPerBlockByteCount:
                try attribute(OI_CU_DEVICE_MAX_SHARED_MEMORY_PER_BLOCK_OPTIN),
            threadsPerBlock: try attribute(OI_CU_DEVICE_MAX_THREADS_PER_BLOCK),
            memoryByteCount: memoryByteCount,
            canExportFileDescriptors:
                try attribute(OI_CU_DEVICE_POSIX_FILE_DESCRIPTOR_SUPPORTED) != 0
        )
    }

    /// Whether kernels here may access memory of `peer`.
    ///
    /// - Throws: ``CUDAErrorCode/callFailed``.
    public func canAccess(_ peer: CUDADevice) throws(CUDAError) -> Bool {
        var answer: Int32 = 0
        try driver.check(
            driver.api.deviceCanAccessPeer(&answer, handle, peer.handle),
            "cuDeviceCanAccessPeer",
            "device: \(ordinal), peer: \(peer.ordinal)"
        )
        return answer != 0
    }

    private func attribute(_ attribute: Int) throws(CUDAError) -> Int {
        var value: Int32 = 0
        try driver.check(
            driver.api.deviceGetAttribute(&value, Int32(attribute), handle),
            "cuDeviceGetAttribute",
            "attribute: \(attribute), device: \(ordinal)"
        )
        return Int(value)
    }
}
