import InfraCore
import Tensors

/// Tensors joined along their first axis.
enum TensorRows {
    /// - Parameter parts: At least one, of the same dtype and row shape.
    static func concatenate(_ parts: [HostTensor]) throws -> HostTensor {
        if parts.count == 1 { return parts[0] }
        var shape = parts[0].shape
        shape[0] = parts.reduce(0) { $0 + $1.shape[0] }
        let byteCount = parts.reduce(0) { $0 + $1.byteCount }
        let block = AlignedBytes(byteCount: byteCount, zeroed: false)
        var position = 0
        for part in parts {
            part.contiguous().withUnsafeBytes { bytes in
                guard let base = bytes.baseAddress else { return }
                (block.base + position).copyMemory(from: base, byteCount: bytes.count)
                position += bytes.count
            }
        }
        return try HostTensor(storage: block, shape: shape, dtype: parts[0].dtype)
    }
}
