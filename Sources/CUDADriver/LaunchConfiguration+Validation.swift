public import InfraCore

extension LaunchConfiguration {
    /// The most blocks along the first axis, and along the other two (CUDA programming guide,
    /// "Technical Specifications per Compute Capability").
    private static let gridLimits = [Int(Int32.max), 65535, 65535]
    /// The most threads along each axis of a block.
    private static let blockLimits = [1024, 1024, 64]
    /// The most blocks of a cluster on Hopper; above 8 the kernel asks for it.
    private static let clusterLimit = 16

    /// Checks the extents against the limits of `properties`.
    ///
    /// - Parameters:
    ///   - properties: What the GPU is.
    ///   - kernel: The kernel's name, for messages.
    /// - Throws: ``CUDAErrorCode/invalidArgument``, naming extent and limit.
    public func validate(
        for properties: DeviceProperties,
        kernel: String
    ) throws(CUDAError) {
        try Self.check("grid", grid, limits: Self.gridLimits, kernel)
        try Self.check("block", block, limits: Self.blockLimits, kernel)
        try Self.check("cluster", cluster, limits: [16, 16, 16], kernel)
        guard block.count <= properties.threadsPerBlock else {
            throw CUDAError(
                .invalidArgument,
                "block is \(block), \(block.count) threads, for kernel \(kernel); a block may have "
                    + "at most \(properties.threadsPerBlock)"
            )
        }
        guard cluster.count <= Self.clusterLimit else {
            throw CUDAError(
                .invalidArgument,
                "cluster is \(cluster), \(cluster.count) blocks, for kernel \(kernel); a cluster "
                    + "may have at most \(Self.clusterLimit)"
            )
        }
        guard grid.x % cluster.x == 0, grid.y % cluster.y == 0, grid.z % cluster.z == 0 else {
            throw CUDAError(
                .invalidArgument,
                "grid is \(grid) with clusters of \(cluster) for kernel \(kernel); each axis of "
                    + "the grid must be a multiple of the cluster's"
            )
        }
        guard cluster.count == 1 || properties.computeCapabilityMajor >= 9 else {
            throw CUDAError(
                .notSupported,
                "cluster is \(cluster) for kernel \(kernel); clusters need compute capability 9.0, "
                    + "and \(properties.name) has \(properties.computeCapabilityMajor)."
                    + "\(properties.computeCapabilityMinor)"
            )
        }
        guard (0...properties.sharedMemoryPerBlockByteCount).contains(sharedMemoryByteCount) else {
            throw CUDAError(
                .invalidArgument,
                "sharedMemoryByteCount is \(sharedMemoryByteCount) for kernel \(kernel); a block "
                    + "on \(properties.name) may have 0 to "
                    + "\(properties.sharedMemoryPerBlockByteCount)"
            )
        }
    }

    private static func check(
        _ name: String,
        _ extents: Dimensions,
        limits: [Int],
        _ kernel: String
    ) throws(CUDAError) {
        for (axis, (extent, limit)) in zip([extents.x, extents.y, extents.z], limits).enumerated()
        where extent < 1 || extent > limit {
            throw CUDAError(
                .invalidArgument,
                "\(name) is \(extents) for kernel \(kernel); axis \(axis) allows 1 to \(limit)"
            )
        }
    }
}
