import InfraCore

extension HostTensor {
    /// The same values in another dtype.
    ///
    /// | from \ to | floating point | integer |
    /// |---|---|---|
    /// | floating point | nearest, ties to even; beyond the range as `overflow` says | towards zero, saturating; NaN becomes 0 |
    /// | integer | nearest, ties to even | saturating |
    ///
    /// Each value is rounded once, even where the computation passes through binary32. NaN
    /// stays NaN in every floating-point dtype. ``DType/ue8m0`` drops signs and has no zero: see
    /// ``UE8M0``.
    ///
    /// - Parameters:
    ///   - dtype: The new element type.
    ///   - overflow: What becomes of values beyond a floating-point target's largest finite one;
    ///     `nil` for that dtype's default (8-bit formats saturate, wider ones give infinity).
    /// - Returns: A row-major tensor; this tensor itself, whatever its strides, if it has that
    ///   dtype and `overflow` is `nil`.
    public func converted(to dtype: DType, overflow: OverflowRule? = nil) -> HostTensor {
        if dtype == self.dtype, overflow == nil { return self }
        let source = contiguous()
        let result = HostTensor(uninitialized: shape, dtype: dtype)
        source.withUnsafeBytes { bytes in
            guard let base = bytes.baseAddress else { return }
            ElementConversion.convert(
                from: base,
                self.dtype,
                to: result.storage.base,
                dtype,
                count: elementCount,
                overflow: overflow
            )
        }
        return result
    }
}
