import CCUDA
public import InfraCore

/// Memory on a GPU with one owner: freed with the value.
///
/// Freeing waits for work on the device, so hold buffers for long rather than allocate per step.
public struct DeviceBuffer: ~Copyable, @unchecked Sendable {
    // @unchecked: an address is a number; who may write at a time is the caller's stream order.

    /// The context the memory belongs to.
    public let context: CUDAContext
    /// The first byte on the device, at a multiple of 256; 0 if the buffer is empty.
    public let address: UInt64
    /// How many bytes were asked for.
    public let byteCount: Int

    /// Allocates memory whose content is undefined.
    ///
    /// - Parameters:
    ///   - context: The context.
    ///   - byteCount: The size; zero allocates nothing.
    /// - Throws: ``CUDAErrorCode/outOfMemory``, naming what is free; the context stays usable.
    public init(_ context: CUDAContext, byteCount: Int) throws(CUDAError) {
        guard byteCount >= 0 else {
            throw CUDAError(.invalidArgument, "byteCount is \(byteCount); it must not be negative")
        }
        var address: UInt64 = 0
        if byteCount > 0 {
            try context.makeCurrent()
            let status = context.driver.api.memAlloc(&address, byteCount)
            try context.driver.check(status, "cuMemAlloc", "byteCount: \(byteCount)") {
                let free = (try? context.memory())?.freeByteCount
                return "device \(context.device.ordinal) cannot give \(byteCount) bytes, "
                    + "\(free.map(String.init) ?? "an unknown number of bytes") are free"
            }
        }
        self.context = context
        self.address = address
        self.byteCount = byteCount
    }

    deinit {
        guard address != 0, (try? context.makeCurrent()) != nil else { return }
        _ = context.driver.api.memFree(address)
    }
}

extension DeviceBuffer {
    /// A part of the buffer, or all of it, for copies and kernels; valid as long as the buffer.
    ///
    /// - Parameters:
    ///   - offset: Where it starts, in bytes.
    ///   - byteCount: How long it is; `nil` for the rest.
    /// - Throws: ``CUDAErrorCode/invalidArgument`` if it does not lie in the buffer.
    public func range(from offset: Int = 0, byteCount: Int? = nil) throws(CUDAError) -> DeviceRange {
        let length = byteCount ?? self.byteCount - offset
        guard offset >= 0, length >= 0, offset <= self.byteCount,
            length <= self.byteCount - offset
        else {
            throw CUDAError(
                .invalidArgument,
                "\(length) bytes from offset \(offset) do not lie in a device buffer of "
                    + "\(self.byteCount) bytes"
            )
        }
        return DeviceRange(
            context: context,
            address: address + UInt64(offset),
            byteCount: length
        )
    }
}
