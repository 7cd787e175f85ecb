public import CUDADriver
import InfraCore
public import Tensors

extension DeviceTensor {
    /// Copies a host tensor into this one; returns when it has arrived.
    ///
    /// - Parameters:
    ///   - host: A tensor of the same shape and dtype; a view is made contiguous first.
    ///   - stream: Earlier work in it comes first.
    /// - Throws: ``DeviceErrorCode/shapeMismatch``, or an error of the device.
    public func upload(_ host: HostTensor, on stream: borrowing CUDAStream) throws {
        guard host.shape == shape, host.dtype == dtype else {
            throw DeviceError(
                .shapeMismatch,
                "the host tensor is \(host.dtype.rawValue) \(host.shape); the device tensor is "
                    + "\(dtype.rawValue) \(shape), and they must agree"
            )
        }
        let host = host.contiguous()
        let bytes = UnsafeRawBufferPointer(
            start: host.storage.base + host.byteOffset,
            count: byteCount
        )
        try range.upload(bytes, on: stream)
    }

    /// Copies this tensor to the host; returns when it has arrived.
    ///
    /// - Parameter stream: Earlier work in it comes first.
    /// - Throws: An error of the device.
    public func hostTensor(on stream: borrowing CUDAStream) throws -> HostTensor {
        let storage = AlignedBytes(byteCount: byteCount, zeroed: false)
        let bytes = UnsafeMutableRawBufferPointer(start: storage.base, count: byteCount)
        try range.download(to: bytes, on: stream)
        return try HostTensor(storage: storage, shape: shape, dtype: dtype)
    }
}
