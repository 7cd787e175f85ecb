import CCUDA
public import InfraCore
import Synchronization

/// A kernel, ready to launch. Thread-safe.
public final class CUDAFunction: @unchecked Sendable {
    // @unchecked: the driver accepts a function from any thread; the rest is atomic.

    /// The module the kernel's code belongs to.
    public let module: CUDAModule
    /// The symbol.
    public let name: String
    let handle: OpaquePointer
    /// What the driver was told to allow; a launch raises it when it needs more.
    private let allowedSharedByteCount = Atomic<Int>(defaultSharedByteCount)
    private let allowsLargeClusters = Atomic<Bool>(false)

    /// Blocks get this much dynamic shared memory without asking.
    static let defaultSharedByteCount = 48 * 1024
    /// Clusters of more blocks do not exist on every GPU of the architecture.
    static let portableClusterSize = 8

    init(module: CUDAModule, handle: OpaquePointer, name: String) {
        self.module = module
        self.handle = handle
        self.name = name
    }

    /// The context.
    public var context: CUDAContext { module.context }

    /// What the kernel takes of the multiprocessor.
    ///
    /// - Throws: ``CUDAErrorCode/callFailed``.
    public func resources() throws(CUDAError) -> FunctionResources {
        FunctionResources(
            registersPerThread: try attribute(OI_CU_FUNCTION_REGISTER_COUNT),
            localByteCountPerThread: try attribute(OI_CU_FUNCTION_LOCAL_SIZE_BYTES),
            staticSharedByteCount: try attribute(OI_CU_FUNCTION_SHARED_SIZE_BYTES),
            threadsPerBlock: try attribute(OI_CU_FUNCTION_MAX_THREADS_PER_BLOCK)
        )
    }

    /// How many blocks of the kernel one multiprocessor holds at a time.
    ///
    /// - Parameters:
    ///   - threads: Threads of a block.
    ///   - dynamicSharedByteCount: Dynamic shared memory of a block.
    /// - Throws: ``CUDAErrorCode/invalidArgument`` if no block fits.
    public func blocksPerMultiprocessor(
        threads: Int,
        dynamicSharedByteCount: Int
    ) throws(CUDAError) -> Int {
        try prepare(sharedByteCount: dynamicSharedByteCount, clusterSize: 1)
        var count: Int32 = 0
        try context.driver.check(
            context.driver.api.occupancyMaxActiveBlocksPerMultiprocessor(
                &count,
                handle,
                Int32(clamping: threads),
                dynamicSharedByteCount
            ),
            "cuOccupancyMaxActiveBlocksPerMultiprocessor",
            "function: \(name), threads: \(threads), sharedByteCount: \(dynamicSharedByteCount)"
        )
        return Int(count)
    }

    /// Asks the driver for more than the defaults where a launch needs it; remembered afterwards.
    @inline(__always)
    package func prepare(sharedByteCount: Int, clusterSize: Int) throws(CUDAError) {
        try context.makeCurrent()
        if sharedByteCount > allowedSharedByteCount.load(ordering: .relaxed) {
            try allow(sharedByteCount: sharedByteCount)
        }
        if clusterSize > Self.portableClusterSize, !allowsLargeClusters.load(ordering: .relaxed) {
            try set(OI_CU_FUNCTION_NON_PORTABLE_CLUSTER_SIZE_ALLOWED, to: 1)
            allowsLargeClusters.store(true, ordering: .relaxed)
        }
    }

    private func allow(sharedByteCount: Int) throws(CUDAError) {
        let limit = context.properties.sharedMemoryPerBlockByteCount
        guard sharedByteCount <= limit else {
            throw CUDAError(
                .invalidArgument,
                "sharedMemoryByteCount is \(sharedByteCount) for kernel \(name); a block on "
                    + "\(context.properties.name) may have at most \(limit)"
            )
        }
        try set(OI_CU_FUNCTION_MAX_DYNAMIC_SHARED_SIZE_BYTES, to: sharedByteCount)
        allowedSharedByteCount.store(sharedByteCount, ordering: .relaxed)
    }

    private func set(_ attribute: Int, to value: Int) throws(CUDAError) {
        try context.driver.check(
            context.driver.api.funcSetAttribute(handle, Int32(attribute), Int32(clamping: value)),
            "cuFuncSetAttribute",
            "function: \(name), attribute: \(attribute), value: \(value)"
        ) { "kernel \(name) cannot have what its launch asks for" }
    }

    private func attribute(_ attribute: Int) throws(CUDAError) -> Int {
        try context.makeCurrent()
        var value: Int32 = 0
        try context.driver.check(
            context.driver.api.funcGetAttribute(&value, Int32(attribute), handle),
            "cuFuncGetAttribute",
            "function: \(name), attribute: \(attribute)"
        )
        return Int(value)
    }
}

/// What a kernel takes of a multiprocessor, as the driver tells after loading it.
public struct FunctionResources: Sendable, Hashable, Codable {
    /// 32-bit registers of a thread.
    public var registersPerThread: Int
    /// Local memory of a thread in bytes: stack and spilled registers; slow.
    public var localByteCountPerThread: Int
    /// Shared memory that the code declares with a fixed size, in bytes.
    public var staticSharedByteCount: Int
    /// The most threads of a block.
    public var threadsPerBlock: Int
}
