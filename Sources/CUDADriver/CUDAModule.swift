import CCUDA
public import InfraCore

/// Machine code loaded into a context: kernels by name.
///
/// Functions hold a reference to their module; it is unloaded with the last of them. Thread-safe.
public final class CUDAModule: @unchecked Sendable {
    // @unchecked: the driver accepts a module from any thread.

    /// The context the code was loaded into.
    public let context: CUDAContext
    private let handle: OpaquePointer

    /// Loads machine code.
    ///
    /// - Parameters:
    ///   - context: The context.
    ///   - image: A cubin, as the compiler made it.
    /// - Throws: ``CUDAErrorCode/wrongArchitecture`` if the code is for another GPU or damaged.
    public init(_ context: CUDAContext, image: [UInt8]) throws(CUDAError) {
        try context.makeCurrent()
        var loaded: OpaquePointer?
        let status = image.withUnsafeBytes {
            context.driver.api.moduleLoadData(&loaded, $0.baseAddress)
        }
        guard status == 0, let loaded else {
            throw context.driver.failure(
                status,
                "cuModuleLoadData",
                "image: \(image.count) bytes",
                "device \(context.device.ordinal) (\(context.properties.name), "
                    + "\(context.properties.architecture)) cannot load this machine code; compile "
                    + "it for \(context.properties.architecture)"
            )
        }
        self.context = context
        handle = loaded
    }

    deinit {
        guard (try? context.makeCurrent()) != nil else { return }
        _ = context.driver.api.moduleUnload(handle)
    }

    /// Finds a kernel.
    ///
    /// - Parameter name: Its symbol, mangled unless it is `extern "C"`.
    /// - Throws: ``CUDAErrorCode/invalidArgument`` if the module has no such kernel.
    public func function(named name: String) throws(CUDAError) -> CUDAFunction {
        try context.makeCurrent()
        var function: OpaquePointer?
        let status = context.driver.api.moduleGetFunction(&function, handle, name)
        if status == Int32(OI_CU_ERROR_NOT_FOUND) {
            throw CUDAError(
                .invalidArgument,
                "the module has no kernel named \(name); declare it extern \"C\", or pass the "
                    + "mangled name"
            )
        }
        try context.driver.check(status, "cuModuleGetFunction", "name: \(name)")
        guard let function else {
            throw CUDAError(.callFailed, "cuModuleGetFunction gave no function for \(name)")
        }
        return CUDAFunction(module: self, handle: function, name: name)
    }
}
