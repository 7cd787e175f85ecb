public import InfraCore

#if canImport(Glibc)
    import Glibc
#endif

extension HostTensor: Equatable {
    /// Whether dtype, shape and every element's bits agree; strides do not matter.
    ///
    /// Bits, not values: NaN equals an identical NaN, and zero differs from minus zero. That is
    /// what "the same checkpoint" and "the same result" mean.
    public static func == (first: HostTensor, second: HostTensor) -> Bool {
        guard first.dtype == second.dtype, first.shape == second.shape else { return false }
        let first = first.contiguous()
        let second = second.contiguous()
        return first.withUnsafeBytes { firstBytes in
            second.withUnsafeBytes { secondBytes in
                guard let one = firstBytes.baseAddress, let two = secondBytes.baseAddress else {
                    return true
                }
                return memcmp(one, two, firstBytes.count) == 0
            }
        }
    }

    /// The largest absolute difference between elements in the same place, in binary32.
    ///
    /// Elements that are both NaN, or the same infinity, differ by zero; a NaN against a number
    /// differs by infinity.
    ///
    /// - Parameter other: A tensor of the same shape; its dtype may differ.
    /// - Returns: Zero for tensors without elements.
    /// - Throws: ``TensorErrorCode/shapeMismatch`` if the shapes differ.
    public func maximumDifference(to other: HostTensor) throws(TensorError) -> Float {
        guard shape == other.shape else {
            throw TensorError(
                .shapeMismatch,
                "shapes \(shape) and \(other.shape) differ; only equal shapes can be compared"
            )
        }
        let first = converted(to: .float32).contiguous()
        let second = other.converted(to: .float32).contiguous()
        return first.withUnsafeElements(of: Float.self) { one in
            second.withUnsafeElements(of: Float.self) { two in
                var largest: Float = 0
                for index in one.indices {
                    let difference = (one[index] - two[index]).magnitude
                    if difference > largest {
                        largest = difference
                    } else if difference.isNaN {
                        let isSame =
                            one[index] == two[index] || (one[index].isNaN && two[index].isNaN)
                        if !isSame { return .infinity }
                    }
                }
                return largest
            }
        }
    }
}
