/// What a GPU is and how much it holds.
public struct DeviceProperties: Sendable, Hashable, Codable {
    /// The marketing name, such as `NVIDIA H200`.
    public var name: String
    /// The generation: 9 for Hopper.
    public var computeCapabilityMajor: Int
    /// The variant within a generation.
    public var computeCapabilityMinor: Int
    /// Streaming multiprocessors.
    public var multiprocessorCount: Int
    /// The second-level cache.
    public var l2ByteCount: Int
    /// The most shared memory one block may ask for.
    public var sharedMemoryPerBlockByteCount: Int
    /// The most threads of one block.
    public var threadsPerBlock: Int
    /// Device memory, used or not.
    public var memoryByteCount: Int
    /// Whether allocations can be handed to other processes as file descriptors.
    public var canExportFileDescriptors: Bool

    /// The target that kernels are compiled for, such as `sm_90a`: from Hopper on, the features of
    /// one chip (tensor-core and copy-engine instructions) need the suffix.
    public var architecture: String {
        let number = computeCapabilityMajor * 10 + computeCapabilityMinor
        return "sm_\(number)\(computeCapabilityMajor >= 9 ? "a" : "")"
    }
}
