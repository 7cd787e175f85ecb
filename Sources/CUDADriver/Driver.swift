package import CCUDA
public import InfraCore

/// NVIDIA's driver, opened at run time: where every use of a GPU starts.
///
/// Nothing is linked. A process without a driver gets one thrown error from ``shared()`` and goes
/// on. Thread-safe.
public final class Driver: Sendable {
    package let api: oi_cuda_api
    /// The file the functions were loaded from.
    public let path: String

    /// The process-wide driver.
    ///
    /// - Returns: The driver, opened and initialised by the first call.
    /// - Throws: ``CUDAErrorCode/driverMissing`` or ``CUDAErrorCode/deviceMissing``.
    public static func shared() throws(CUDAError) -> Driver { try loaded.get() }

    private static let loaded: Result<Driver, CUDAError> = {
        do throws(CUDAError) {
            return .success(try Driver(openingFirstOf: ["libcuda.so.1"]))
        } catch {
            return .failure(error)
        }
    }()

    /// Opens and initialises a driver.
    ///
    /// - Parameter candidates: File names or paths, best first.
    /// - Throws: ``CUDAErrorCode/driverMissing`` naming what was tried or which function is absent,
    ///   ``CUDAErrorCode/deviceMissing`` if the driver finds no GPU.
    public convenience init(openingFirstOf candidates: [String]) throws(CUDAError) {
        var table = oi_cuda_api()
        var count = 0
        let symbols = UnsafeBufferPointer(start: oi_cuda_symbols(&count), count: count)
        let path: String
        do throws(CoreError) {
            let library = try DynamicLibrary(
                openingFirstOf: candidates,
                remedy: "a GPU needs NVIDIA's driver (libcuda.so.1), version 525 or newer"
            )
            path = library.path
            try SymbolTable.fill(&table, with: symbols, from: library)
        } catch {
            throw CUDAError(.driverMissing, "no CUDA driver can be used", cause: error)
        }
        try self.init(api: table, path: path)
    }

    /// Adopts a table of functions and initialises the driver behind it.
    package init(api: oi_cuda_api, path: String = "table") throws(CUDAError) {
        self.api = api
        self.path = path
        try check(api.`init`(0), "cuInit", "flags: 0") { "the CUDA driver cannot start" }
    }

    /// The CUDA version of the driver: 1000 times the major plus 10 times the minor number.
    ///
    /// - Throws: ``CUDAErrorCode/callFailed``.
    public func version() throws(CUDAError) -> Int {
        var version: Int32 = 0
        try check(api.driverGetVersion(&version), "cuDriverGetVersion", "")
        return Int(version)
    }

    /// The GPUs that this process may use, in the driver's order.
    ///
    /// - Throws: ``CUDAErrorCode/callFailed``.
    public func devices() throws(CUDAError) -> [CUDADevice] {
        var count: Int32 = 0
        try check(api.deviceGetCount(&count), "cuDeviceGetCount", "")
        var devices: [CUDADevice] = []
        for ordinal in 0..<Int(count) { devices.append(try device(ordinal)) }
        return devices
    }

    /// One GPU.
    ///
    /// - Parameter ordinal: Its number, from 0.
    /// - Throws: ``CUDAErrorCode/deviceMissing`` if there are fewer.
    public func device(_ ordinal: Int) throws(CUDAError) -> CUDADevice {
        var count: Int32 = 0
        try check(api.deviceGetCount(&count), "cuDeviceGetCount", "")
        guard ordinal >= 0, ordinal < Int(count) else {
            throw CUDAError(
                .deviceMissing,
                "device \(ordinal) was asked for, but this process sees \(count); "
                    + "CUDA_VISIBLE_DEVICES may hide some"
            )
        }
        var handle: oi_cu_device = 0
        try check(api.deviceGet(&handle, Int32(ordinal)), "cuDeviceGet", "ordinal: \(ordinal)")
        return CUDADevice(driver: self, ordinal: ordinal, handle: handle)
    }
}
