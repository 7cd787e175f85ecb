public import InfraCore

extension HostTensor {
    /// Sets every element to one value, converted as ``converted(to:overflow:)`` would.
    public mutating func fill(_ value: Float) {
        let element = HostTensor([value]).converted(to: dtype)
        let width = dtype.byteCount
        withUnsafeMutableBytes { bytes in
            element.withUnsafeBytes { pattern in
                guard let base = bytes.baseAddress, let value = pattern.baseAddress else { return }
                // Doubles what is filled at each step.
                guard bytes.count > 0 else { return }
                base.copyMemory(from: value, byteCount: width)
                var filled = width
                while filled < bytes.count {
                    let length = min(filled, bytes.count - filled)
                    (base + filled).copyMemory(from: base, byteCount: length)
                    filled += length
                }
            }
        }
    }

    /// Takes over another tensor's values, keeping this tensor's dtype and storage.
    ///
    /// - Parameter source: A tensor of the same shape; another dtype is converted as
    ///   ``converted(to:overflow:)`` does.
    /// - Throws: ``TensorErrorCode/shapeMismatch`` if the shapes differ.
    public mutating func copy(from source: HostTensor) throws(TensorError) {
        guard shape == source.shape else {
            throw TensorError(
                .shapeMismatch,
                "cannot copy shape \(source.shape) into shape \(shape); they must be equal"
            )
        }
        let source = source.contiguous()
        let dtype = dtype
        let count = elementCount
        withUnsafeMutableBytes { target in
            source.withUnsafeBytes { bytes in
                guard let from = bytes.baseAddress, let to = target.baseAddress else { return }
                if source.dtype == dtype {
                    to.copyMemory(from: from, byteCount: bytes.count)
                } else {
                    ElementConversion.convert(from: from, source.dtype, to: to, dtype, count: count)
                }
            }
        }
    }
}
