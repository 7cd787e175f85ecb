import CCUDA
public import InfraCore

/// Device memory that other processes can map: handed over as a file descriptor.
///
/// It is made with the driver's virtual memory interface: a piece of physical memory, an address
/// range, and the mapping of one on the other. The physical memory lives until the last process has
/// let go of it. Creating and mapping take tens of microseconds: keep such memory for long.
public struct SharedAllocation: ~Copyable, @unchecked Sendable {
    // @unchecked: an address is a number; who may write at a time is up to the ranks' protocol.

    /// The context in which the memory is mapped.
    public let context: CUDAContext
    /// The first byte in this process.
    public let address: UInt64
    /// The size, a multiple of the driver's granularity (2 MiB on Hopper).
    public let byteCount: Int
    private let physical: UInt64

    /// Allocates memory on the context's GPU.
    ///
    /// - Parameters:
    ///   - context: The context.
    ///   - byteCount: The least size; rounded up to the driver's granularity.
    /// - Throws: ``CUDAErrorCode/outOfMemory``, or ``CUDAErrorCode/notSupported`` if the GPU cannot
    ///   hand memory to other processes.
    public init(_ context: CUDAContext, byteCount: Int) throws(CUDAError) {
        guard byteCount > 0 else {
            throw CUDAError(.invalidArgument, "byteCount is \(byteCount); it must be positive")
        }
        guard context.properties.canExportFileDescriptors else {
            throw CUDAError(
                .notSupported,
                "\(context.properties.name) cannot export memory as file descriptors"
            )
        }
        try context.makeCurrent()
        let api = context.driver.api
        var properties = Self.properties(of: context)
        var granularity = 0
        try context.driver.check(
            api.memGetAllocationGranularity(
                &granularity,
                &properties,
                Int32(OI_CU_MEM_GRANULARITY_MINIMUM)
            ),
            "cuMemGetAllocationGranularity",
            ""
        )
        let step = max(granularity, 1)
        let size = (byteCount + step - 1) / step * step
        var physical: UInt64 = 0
        try context.driver.check(
            api.memCreate(&physical, size, &properties, 0),
            "cuMemCreate",
            "byteCount: \(size)"
        ) { "device \(context.device.ordinal) cannot give \(size) bytes to share" }
        try self.init(mapping: physical, byteCount: size, context)
    }

    /// Maps memory of another process.
    ///
    /// - Parameters:
    ///   - descriptor: What ``exportDescriptor()`` gave there, brought here by inheritance or over
    ///     a Unix socket. It stays open and the caller's.
    ///   - byteCount: The size, as the other process knows it.
    ///   - context: A context on the same GPU or on one that can access it.
    /// - Throws: ``CUDAErrorCode/callFailed`` or another code if the descriptor is no such memory.
    public init(
        importing descriptor: Int32,
        byteCount: Int,
        _ context: CUDAContext
    ) throws(CUDAError) {
        try context.makeCurrent()
        var physical: UInt64 = 0
        // For this handle type the driver takes the number itself in place of a pointer.
        let handle = UnsafeMutableRawPointer(bitPattern: Int(descriptor))
        let status = context.driver.api.memImportFromShareableHandle(
            &physical,
            handle,
            Int32(OI_CU_MEM_HANDLE_POSIX_FILE_DESCRIPTOR)
        )
        try context.driver.check(
            status,
            "cuMemImportFromShareableHandle",
            "descriptor: \(descriptor)"
        ) { "file descriptor \(descriptor) is no device memory that can be mapped" }
        try self.init(mapping: physical, byteCount: byteCount, context)
    }

    private init(
        mapping physical: UInt64,
        byteCount: Int,
        _ context: CUDAContext
    ) throws(CUDAError) {
        do throws(CUDAError) {
            address = try Self.map(physical, byteCount: byteCount, context)
        } catch {
            _ = context.driver.api.memRelease(physical)
            throw error
        }
        self.context = context
        self.byteCount = byteCount
        self.physical = physical
    }

    deinit {
        guard (try? context.makeCurrent()) != nil else { return }
        let api = context.driver.api
        _ = api.memUnmap(address, byteCount)
        _ = api.memAddressFree(address, byteCount)
        _ = api.memRelease(physical)
    }

    /// All of it, for copies and kernels; valid as long as this value.
    public var range: DeviceRange {
        DeviceRange(context: context, address: address, byteCount: byteCount)
    }

    /// A file descriptor that stands for the memory.
    ///
    /// - Returns: A new descriptor, which the caller closes after the other process has it.
    /// - Throws: ``CUDAErrorCode/callFailed``.
    public func exportDescriptor() throws(CUDAError) -> Int32 {
        try context.makeCurrent()
        var descriptor: Int32 = -1
        let status = context.driver.api.memExportToShareableHandle(
            &descriptor,
            physical,
            Int32(OI_CU_MEM_HANDLE_POSIX_FILE_DESCRIPTOR),
            0
        )
        try context.driver.check(status, "cuMemExportToShareableHandle", "")
        return descriptor
    }

    private static func map(
        _ physical: UInt64,
        byteCount: Int,
        _ context: CUDAContext
    ) throws(CUDAError) -> UInt64 {
        let api = context.driver.api
        let driver = context.driver
        var address: UInt64 = 0
        try driver.check(
            api.memAddressReserve(&address, byteCount, 0, 0, 0),
            "cuMemAddressReserve",
            "byteCount: \(byteCount)"
        )
        var isMapped = false
        do throws(CUDAError) {
            try driver.check(
                api.memMap(address, byteCount, 0, physical, 0),
                "cuMemMap",
                "address: \(address), byteCount: \(byteCount)"
            )
            isMapped = true
            var access = oi_cu_access(
                location: oi_cu_memory_location(
                    type: Int32(OI_CU_MEM_LOCATION_DEVICE),
                    id: context.device.handle
                ),
                flags: Int32(OI_CU_MEM_ACCESS_READ_WRITE)
            )
            try driver.check(
                api.memSetAccess(address, byteCount, &access, 1),
                "cuMemSetAccess",
                "address: \(address), byteCount: \(byteCount)"
            )
        } catch {
            if isMapped { _ = api.memUnmap(address, byteCount) }
            _ = api.memAddressFree(address, byteCount)
            throw error
        }
        return address
    }

    private static func properties(of context: CUDAContext) -> oi_cu_allocation_properties {
        var properties = oi_cu_allocation_properties()
        properties.type = Int32(OI_CU_MEM_ALLOCATION_PINNED)
        properties.handleTypes = Int32(OI_CU_MEM_HANDLE_POSIX_FILE_DESCRIPTOR)
        properties.location.type = Int32(OI_CU_MEM_LOCATION_DEVICE)
        properties.location.id = context.device.handle
        return properties
    }
}
