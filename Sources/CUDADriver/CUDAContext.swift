import CCUDA
public import InfraCore

/// The primary context of one GPU: the address space in which all its memory and code live.
///
/// Streams, buffers, modules and graphs hold a reference to the context they were made in, so it
/// outlives them; it is given back to the driver with the last reference. Thread-safe.
public final class CUDAContext: @unchecked Sendable {
    // @unchecked: the handle is a token that the driver accepts from any thread.

    /// The GPU.
    public let device: CUDADevice
    /// What the GPU is.
    public let properties: DeviceProperties
    let handle: OpaquePointer

    /// The driver.
    public var driver: Driver { device.driver }

    /// Retains the primary context of a GPU and makes it current on the calling thread.
    ///
    /// - Throws: ``CUDAErrorCode/outOfMemory`` or another code if the device cannot be used.
    public init(_ device: CUDADevice) throws(CUDAError) {
        let driver = device.driver
        properties = try device.properties()
        var retained: OpaquePointer?
        let status = driver.api.devicePrimaryCtxRetain(&retained, device.handle)
        guard status == 0, let retained else {
            throw driver.failure(
                status,
                "cuDevicePrimaryCtxRetain",
                "device: \(device.ordinal)",
                "device \(device.ordinal) gives no context"
            )
        }
        handle = retained
        self.device = device
        try makeCurrent()
    }

    deinit { _ = driver.api.devicePrimaryCtxRelease(device.handle) }

    /// Makes this the context of the calling thread. Every operation of this module does so itself.
    ///
    /// - Throws: ``CUDAErrorCode/callFailed``.
    @inline(__always)
    public func makeCurrent() throws(CUDAError) {
        try driver.check(
            driver.api.ctxSetCurrent(handle),
            "cuCtxSetCurrent",
            "device: \(self.device.ordinal)"
        )
    }

    /// Free and total device memory in bytes.
    ///
    /// - Throws: ``CUDAErrorCode/callFailed``.
    public func memory() throws(CUDAError) -> (freeByteCount: Int, totalByteCount: Int) {
        try makeCurrent()
        var free = 0
        var total = 0
        try driver.check(driver.api.memGetInfo(&free, &total), "cuMemGetInfo", "")
        return (free, total)
    }

    /// Lets kernels of this context access memory allocated in `peer`; asking twice is no error.
    ///
    /// - Throws: ``CUDAErrorCode/notSupported`` if no link between the two GPUs allows it.
    public func enableAccess(to peer: CUDAContext) throws(CUDAError) {
        guard try device.canAccess(peer.device) else {
            throw CUDAError(
                .notSupported,
                "device \(device.ordinal) cannot access the memory of device "
                    + "\(peer.device.ordinal); place the ranks on GPUs joined by NVLink or PCIe peer"
            )
        }
        try makeCurrent()
        let status = driver.api.ctxEnablePeerAccess(peer.handle, 0)
        if status == Int32(OI_CU_ERROR_PEER_ACCESS_ALREADY_ENABLED) { return }
        try driver.check(
            status,
            "cuCtxEnablePeerAccess",
            "device: \(device.ordinal), peer: \(peer.device.ordinal)"
        )
    }
}
