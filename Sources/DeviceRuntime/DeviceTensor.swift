public import CUDADriver
public import InfraCore
public import Tensors

/// A shaped array in device memory: row-major, without gaps.
///
/// Copies and slices share the memory, which is freed with the last of them. Unlike a host tensor it
/// has no copy on write: kernels write to it, in the order of streams, and the caller keeps order
/// between streams. A tensor must live until the work submitted on it is done.
public struct DeviceTensor: Sendable {
    /// The element type.
    public let dtype: DType
    /// The length of each axis, outermost first. Empty for a scalar.
    public let shape: [Int]
    /// The memory.
    private let storage: DeviceStorage
    private let byteOffset: Int

    /// Allocates a tensor whose content is undefined.
    ///
    /// - Parameters:
    ///   - shape: The length of each axis; none may be negative.
    ///   - dtype: The element type.
    ///   - context: The context.
    /// - Throws: ``DeviceErrorCode/shapeMismatch``, or a `CUDAError` if memory runs out.
    public init(uninitialized shape: [Int], dtype: DType, in context: CUDAContext) throws {
        var byteCount = dtype.byteCount
        for length in shape {
            let (product, overflows) = byteCount.multipliedReportingOverflow(by: length)
            guard length >= 0, !overflows else {
                throw DeviceError(
                    .shapeMismatch,
                    "shape is \(shape); no axis may be negative and the size must fit in 63 bits"
                )
            }
            byteCount = product
        }
        self.init(
            dtype: dtype,
            shape: shape,
            storage: DeviceStorage(try DeviceBuffer(context, byteCount: byteCount)),
            byteOffset: 0
        )
    }

    /// Copies a host tensor; returns when it is on the device.
    ///
    /// - Parameters:
    ///   - host: The tensor; a view is made contiguous first.
    ///   - context: The context.
    ///   - stream: Earlier work in it comes first.
    /// - Throws: A `CUDAError` if memory runs out or the device fails.
    public init(
        _ host: HostTensor,
        in context: CUDAContext,
        on stream: borrowing CUDAStream
    ) throws {
        try self.init(uninitialized: host.shape, dtype: host.dtype, in: context)
        try upload(host, on: stream)
    }

    private init(dtype: DType, shape: [Int], storage: DeviceStorage, byteOffset: Int) {
        self.dtype = dtype
        self.shape = shape
        self.storage = storage
        self.byteOffset = byteOffset
    }

    /// How many elements the tensor holds.
    public var elementCount: Int { shape.reduce(1, *) }
    /// How many bytes its elements take.
    public var byteCount: Int { elementCount * dtype.byteCount }
    /// The context the memory belongs to.
    public var context: CUDAContext { storage.context }
    /// The first element on the device; what a kernel's pointer parameter takes.
    public var address: UInt64 { storage.address + UInt64(byteOffset) }

    /// The memory, for copies and fills.
    public var range: DeviceRange {
        DeviceRange(context: context, address: address, byteCount: byteCount)
    }

    /// The rows `from ..< from + count` of the outermost axis; shares the memory.
    ///
    /// - Throws: ``DeviceErrorCode/outOfRange``.
    public func rows(from: Int, count: Int) throws(DeviceError) -> DeviceTensor {
        guard let length = shape.first, from >= 0, count >= 0, count <= length - from else {
            throw DeviceError(
                .outOfRange,
                "rows \(from) ..< \(from + count) do not lie in shape \(shape)"
            )
        }
        let rowByteCount = length == 0 ? 0 : byteCount / length
        return DeviceTensor(
            dtype: dtype,
            shape: [count] + shape.dropFirst(),
            storage: storage,
            byteOffset: byteOffset + from * rowByteCount
        )
    }

    /// The same elements in another shape; shares the memory.
    ///
    /// - Throws: ``DeviceErrorCode/shapeMismatch`` unless the element counts agree.
    public func reshaped(to shape: [Int]) throws(DeviceError) -> DeviceTensor {
        guard shape.allSatisfy({ $0 >= 0 }), shape.reduce(1, *) == elementCount else {
            throw DeviceError(
                .shapeMismatch,
                "shape \(self.shape) has \(elementCount) elements and cannot become \(shape)"
            )
        }
        return DeviceTensor(dtype: dtype, shape: shape, storage: storage, byteOffset: byteOffset)
    }
}

/// Keeps device memory alive for all tensors that share it.
private final class DeviceStorage: Sendable {
    private let buffer: DeviceBuffer

    init(_ buffer: consuming DeviceBuffer) { self.buffer = buffer }

    var address: UInt64 { buffer.address }
    var context: CUDAContext { buffer.context }
}
