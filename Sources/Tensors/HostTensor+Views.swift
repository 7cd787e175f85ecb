public import InfraCore

extension HostTensor {
    /// The same elements under another shape.
    ///
    /// - Parameter shape: The new shape, holding as many elements; one axis may be -1, which
    ///   stands for whatever is left.
    /// - Returns: A view, or a copy if the elements are not contiguous.
    /// - Throws: ``TensorErrorCode/shapeMismatch`` if the counts differ.
    public func reshaped(to shape: [Int]) throws(TensorError) -> HostTensor {
        var resolved = shape
        if let wildcard = shape.firstIndex(of: -1) {
            let known = shape.enumerated().reduce(1) {
                $1.offset == wildcard ? $0 : $0 * $1.element
            }
            resolved[wildcard] = known == 0 ? 0 : elementCount / known
        }
        guard resolved.allSatisfy({ $0 >= 0 }), resolved.reduce(1, *) == elementCount else {
            throw TensorError(
                .shapeMismatch,
                "cannot view shape \(self.shape) (\(elementCount) elements) as \(shape)"
            )
        }
        let source = contiguous()
        return HostTensor(
            dtype: dtype,
            shape: resolved,
            strides: Self.rowMajorStrides(resolved),
            storage: source.storage,
            byteOffset: source.byteOffset
        )
    }

    /// A view with two axes exchanged.
    public func transposed(_ first: Int = 0, _ second: Int = 1) -> HostTensor {
        precondition(
            shape.indices.contains(first) && shape.indices.contains(second),
            "axes \(first) and \(second) are not both axes of shape \(shape)"
        )
        var shape = shape
        var strides = strides
        shape.swapAt(first, second)
        strides.swapAt(first, second)
        return HostTensor(
            dtype: dtype,
            shape: shape,
            strides: strides,
            storage: storage,
            byteOffset: byteOffset
        )
    }

    /// A view of `count` neighbours along one axis.
    ///
    /// - Throws: ``TensorErrorCode/outOfRange`` if the range leaves the axis.
    public func slice(axis: Int, from start: Int, count: Int) throws(TensorError) -> HostTensor {
        guard shape.indices.contains(axis), start >= 0, start <= shape[axis], count >= 0,
            count <= shape[axis] - start
        else {
            throw TensorError(
                .outOfRange,
                "slice of \(count) from \(start) along axis \(axis) leaves shape \(shape)"
            )
        }
        var sliced = shape
        sliced[axis] = count
        return HostTensor(
            dtype: dtype,
            shape: sliced,
            strides: strides,
            storage: storage,
            byteOffset: byteOffset + start * strides[axis] * dtype.byteCount
        )
    }
}
