import CCUDA

extension CUDAFunction {
    /// Submits the kernel; it runs once the stream gets there.
    ///
    /// For a call that repeats, prepare a ``PreparedLaunch`` once: it checks only once.
    ///
    /// - Parameters:
    ///   - configuration: Blocks, threads, shared memory and how to start.
    ///   - arguments: What the kernel takes, in order; copied before the call returns.
    ///   - stream: The queue.
    /// - Throws: ``CUDAErrorCode/invalidArgument`` if the configuration does not fit the GPU or the
    ///   kernel. An error of earlier work may surface here too.
    public func launch(
        _ configuration: LaunchConfiguration,
        _ arguments: borrowing KernelArguments,
        on stream: borrowing CUDAStream
    ) throws(CUDAError) {
        let prepared = try PreparedLaunch(self, configuration)
        try prepared.launch(arguments, on: stream)
    }
}

/// A kernel with a checked configuration, laid out for the driver: what a repeated launch reuses.
///
/// It is not shared between threads.
public struct PreparedLaunch: ~Copyable {
    /// The kernel.
    public let function: CUDAFunction
    /// Blocks, threads, shared memory and how to start.
    public let configuration: LaunchConfiguration
    private let attributes: UnsafeMutablePointer<oi_cu_launch_attribute>
    private let raw: UnsafeMutablePointer<oi_cu_launch_config>

    private static let maxAttributeCount = 3

    /// Checks a configuration and asks the driver for what exceeds its defaults.
    ///
    /// - Parameters:
    ///   - function: The kernel.
    ///   - configuration: Blocks, threads, shared memory and how to start.
    /// - Throws: ``CUDAErrorCode/invalidArgument`` or ``CUDAErrorCode/notSupported``.
    public init(
        _ function: CUDAFunction,
        _ configuration: LaunchConfiguration
    ) throws(CUDAError) {
        try configuration.validate(for: function.context.properties, kernel: function.name)
        try function.prepare(
            sharedByteCount: configuration.sharedMemoryByteCount,
            clusterSize: configuration.cluster.count
        )
        self.function = function
        self.configuration = configuration
        attributes = .allocate(capacity: Self.maxAttributeCount)
        attributes.initialize(repeating: oi_cu_launch_attribute(), count: Self.maxAttributeCount)
        raw = .allocate(capacity: 1)

        var count = 0
        let (grid, block, cluster) = (
            configuration.grid, configuration.block, configuration.cluster
        )
        if cluster.count > 1 {
            attributes[count].id = Int32(OI_CU_LAUNCH_CLUSTER_DIMENSION)
            attributes[count].value.0 = Int32(cluster.x)
            attributes[count].value.1 = Int32(cluster.y)
            attributes[count].value.2 = Int32(cluster.z)
            count += 1
        }
        if configuration.startsBeforePredecessorEnds {
            attributes[count].id = Int32(OI_CU_LAUNCH_PROGRAMMATIC_STREAM_SERIALIZATION)
            attributes[count].value.0 = 1
            count += 1
        }
        if configuration.isCooperative {
            attributes[count].id = Int32(OI_CU_LAUNCH_COOPERATIVE)
            attributes[count].value.0 = 1
            count += 1
        }
        raw.initialize(
            to: oi_cu_launch_config(
                gridX: UInt32(grid.x),
                gridY: UInt32(grid.y),
                gridZ: UInt32(grid.z),
                blockX: UInt32(block.x),
                blockY: UInt32(block.y),
                blockZ: UInt32(block.z),
                sharedMemoryByteCount: UInt32(configuration.sharedMemoryByteCount),
                stream: nil,
                attributes: attributes,
                attributeCount: UInt32(count)
            )
        )
    }

    deinit {
        attributes.deallocate()
        raw.deallocate()
    }

    /// Submits the kernel; it runs once the stream gets there.
    ///
    /// - Parameters:
    ///   - arguments: What the kernel takes, in order; copied before the call returns.
    ///   - stream: The queue.
    /// - Throws: ``CUDAErrorCode/invalidArgument`` if the driver refuses the launch. An error of
    ///   earlier work may surface here too.
    @inline(__always)
    public func launch(
        _ arguments: borrowing KernelArguments,
        on stream: borrowing CUDAStream
    ) throws(CUDAError) {
        let driver = function.context.driver
        try function.context.makeCurrent()
        raw.pointee.stream = stream.handle
        try driver.check(
            driver.api.launchKernelEx(raw, function.handle, arguments.pointers, nil),
            "cuLaunchKernelEx",
            "function: \(self.function.name), grid: \(self.configuration.grid), "
                + "block: \(self.configuration.block), cluster: \(self.configuration.cluster), "
                + "sharedByteCount: \(self.configuration.sharedMemoryByteCount)"
        ) { "a kernel cannot be launched" }
    }
}
