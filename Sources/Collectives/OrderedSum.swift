import InfraCore
package import Tensors

/// Element-wise sums in a fixed order: the first tensor, plus the second, plus the third ...
///
/// The order depends on nothing but the list, so equal inputs give equal bits. 16-bit floats are
/// accumulated in fp32 and rounded once, to nearest even.
package enum OrderedSum {
    /// - Parameter parts: At least one; same shape, same dtype.
    /// - Returns: Their sum, in memory of its own unless there is only one.
    /// - Throws: ``CollectiveErrorCode/dtypeMismatch`` for a dtype that has no sum.
    package static func sum(_ parts: [HostTensor]) throws -> HostTensor {
        let first = parts[0].contiguous()
        if parts.count == 1 { return first }
        switch first.dtype {
        case .float32: return add(parts, Float.self, +)
        case .int32: return add(parts, Int32.self, &+)
        case .int64: return add(parts, Int64.self, &+)
        case .float16:
            return try widened(parts, { (value: Float16) in Float(value) }, { Float16($0) })
        case .bfloat16:
            return try widened(
                parts,
                { (value: BFloat16) in value.floatValue },
                { BFloat16($0, overflow: .nonFinite) }
            )
        default:
            throw CollectiveError(
                .dtypeMismatch,
                "cannot sum tensors of dtype \(first.dtype.rawValue); F32, BF16, F16, I32 and I64 "
                    + "have sums"
            )
        }
    }

    private static func add<Element: TensorElement>(
        _ parts: [HostTensor],
        _ type: Element.Type,
        _ plus: (Element, Element) -> Element
    ) -> HostTensor {
        var total = parts[0].contiguous()
        for part in parts.dropFirst() {
            part.contiguous().withUnsafeElements(of: type) { source in
                total.withUnsafeMutableElements(of: type) { target in
                    for index in target.indices {
                        target[index] = plus(target[index], source[index])
                    }
                }
            }
        }
        return total
    }

    private static func widened<Storage: BitwiseCopyable>(
        _ parts: [HostTensor],
        _ widen: (Storage) -> Float,
        _ narrow: (Float) -> Storage
    ) throws -> HostTensor {
        var sums = [Float](repeating: 0, count: parts[0].elementCount)
        for (position, part) in parts.enumerated() {
            part.contiguous().withUnsafeBytes { bytes in
                let source = bytes.assumingMemoryBound(to: Storage.self)
                for index in sums.indices {
                    let value = widen(source[index])
                    // The first is taken, not added to zero, which would lose the sign of -0.
                    sums[index] = position == 0 ? value : sums[index] + value
                }
            }
        }
        let block = AlignedBytes(byteCount: parts[0].byteCount, zeroed: false)
        let target = block.base.assumingMemoryBound(to: Storage.self)
        for index in sums.indices { target[index] = narrow(sums[index]) }
        return try HostTensor(storage: block, shape: parts[0].shape, dtype: parts[0].dtype)
    }
}
