public import CUDADriver
public import InfraCore
public import KernelJIT
import Synchronization

/// One GPU ready for kernels: its context, where kernels come from, and the kernels loaded so far.
///
/// Thread-safe. Make one per device and process and pass it on; streams belong to their users.
public final class GPU: Sendable {
    /// The address space.
    public let context: CUDAContext
    /// Where machine code comes from.
    public let compiler: KernelCompiler
    private let functions = Mutex<[KernelVariant: CUDAFunction]>([:])

    /// What the GPU is.
    public var properties: DeviceProperties { context.properties }
    /// The driver.
    public var driver: Driver { context.driver }

    /// Opens a GPU.
    ///
    /// - Parameters:
    ///   - ordinal: Its number, from 0.
    ///   - driver: The driver; `nil` for the process-wide one.
    ///   - compiler: Where machine code comes from; `nil` for one with the environment's settings.
    /// - Throws: A `CUDAError` if there is no driver or no such device, a `KernelError` if the
    ///   environment names a bundle that cannot be read.
    public convenience init(
        _ ordinal: Int = 0,
        driver: Driver? = nil,
        compiler: KernelCompiler? = nil
    ) throws {
        let driver = try driver ?? Driver.shared()
        let compiler = try compiler ?? KernelCompiler()
        self.init(context: try CUDAContext(driver.device(ordinal)), compiler: compiler)
    }

    /// Joins a context and a source of kernels.
    ///
    /// - Parameters:
    ///   - context: The address space.
    ///   - compiler: Where machine code comes from.
    public init(context: CUDAContext, compiler: KernelCompiler) {
        self.context = context
        self.compiler = compiler
    }

    /// A kernel, compiled and loaded by the first call.
    ///
    /// This hashes the kernel's source: keep the function, in a ``LaunchPlan``, where calls repeat.
    ///
    /// - Parameter variant: The kernel.
    /// - Throws: A `KernelError` if it cannot be compiled, a `CUDAError` if it cannot be loaded.
    public func function(_ variant: KernelVariant) throws -> CUDAFunction {
        if let function = functions.withLock({ $0[variant] }) { return function }
        let kernel = try compiler.kernel(variant, architecture: properties.architecture)
        let module = try CUDAModule(context, image: kernel.image)
        let function = try module.function(named: kernel.symbol)
        return functions.withLock { functions in
            // Another thread may have been faster; all use one module then.
            if let other = functions[variant] { return other }
            functions[variant] = function
            return function
        }
    }

    /// Checks that kernels written for some architectures run here.
    ///
    /// - Parameters:
    ///   - architectures: Such as `["sm_90a"]`.
    ///   - operation: What needs them, for the message.
    /// - Throws: ``DeviceErrorCode/wrongArchitecture``.
    public func require(
        architecture architectures: [String],
        for operation: String
    ) throws(DeviceError) {
        guard architectures.contains(properties.architecture) else {
            throw DeviceError(
                .wrongArchitecture,
                "\(operation) runs on \(architectures.joined(separator: ", ")); "
                    + "\(properties.name) is \(properties.architecture): use the CPU backend there"
            )
        }
    }

    /// A queue of work on this GPU.
    ///
    /// - Parameter priority: Lower numbers run first.
    /// - Throws: An error of the driver.
    public func makeStream(priority: Int = 0) throws(CUDAError) -> CUDAStream {
        try CUDAStream(context, priority: priority)
    }
}
