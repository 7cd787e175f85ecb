import CCUDA
public import InfraCore

/// 64 bytes that name a device buffer to other processes of the same host; send them as they are.
public struct IPCHandle: Sendable, Hashable {
    /// The handle's bytes.
    public let bytes: [UInt8]
    /// How many bytes a handle has.
    public static let byteCount = 64

    /// Reads a handle that arrived from another process.
    ///
    /// - Throws: ``CUDAErrorCode/invalidArgument`` unless there are 64 bytes.
    public init(bytes: [UInt8]) throws(CUDAError) {
        guard bytes.count == Self.byteCount else {
            throw CUDAError(
                .invalidArgument,
                "an IPC handle has \(Self.byteCount) bytes; \(bytes.count) were given"
            )
        }
        self.bytes = bytes
    }
}

extension DeviceBuffer {
    /// A name of this buffer for other processes; the buffer must outlive their use of it.
    ///
    /// - Throws: ``CUDAErrorCode/invalidArgument`` for an empty buffer, or another code if the
    ///   system cannot share memory this way.
    public func ipcHandle() throws(CUDAError) -> IPCHandle {
        guard address != 0 else {
            throw CUDAError(.invalidArgument, "an empty buffer has no IPC handle")
        }
        try context.makeCurrent()
        var handle = oi_cu_ipc_handle()
        try context.driver.check(
            context.driver.api.ipcGetMemHandle(&handle, address),
            "cuIpcGetMemHandle",
            "address: \(self.address)"
        )
        return try IPCHandle(bytes: withUnsafeBytes(of: handle) { Array($0) })
    }
}

/// A device buffer of another process, mapped into this one; unmapped with the value.
public struct ImportedBuffer: ~Copyable, @unchecked Sendable {
    // @unchecked: an address is a number; who may write at a time is up to the ranks' protocol.

    /// The context in which the memory is mapped.
    public let context: CUDAContext
    /// The first byte in this process.
    public let address: UInt64
    /// The size, as the other process told it.
    public let byteCount: Int

    /// Maps a buffer.
    ///
    /// - Parameters:
    ///   - handle: What the owner's ``DeviceBuffer/ipcHandle()`` gave; the owner is another process.
    ///   - byteCount: The size of the owner's buffer.
    ///   - context: A context on the same GPU, or on a peer.
    /// - Throws: ``CUDAErrorCode/invalidArgument`` or another code if the handle cannot be opened.
    public init(
        _ handle: IPCHandle,
        byteCount: Int,
        _ context: CUDAContext
    ) throws(CUDAError) {
        try context.makeCurrent()
        var raw = oi_cu_ipc_handle()
        withUnsafeMutableBytes(of: &raw) { $0.copyBytes(from: handle.bytes) }
        var address: UInt64 = 0
        try context.driver.check(
            context.driver.api.ipcOpenMemHandle(
                &address,
                raw,
                UInt32(OI_CU_IPC_MEM_LAZY_ENABLE_PEER_ACCESS)
            ),
            "cuIpcOpenMemHandle",
            "byteCount: \(byteCount)"
        ) { "a device buffer of another process cannot be mapped; the owner must be alive" }
        self.context = context
        self.address = address
        self.byteCount = byteCount
    }

    deinit {
        guard (try? context.makeCurrent()) != nil else { return }
        _ = context.driver.api.ipcCloseMemHandle(address)
    }

    /// All of it, for copies and kernels; valid as long as this value.
    public var range: DeviceRange {
        DeviceRange(context: context, address: address, byteCount: byteCount)
    }
}
