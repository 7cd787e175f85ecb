import InfraCore

extension BlockQuantizedTensor {
    /// The values multiplied by their scales.
    ///
    /// Products are computed in binary32, then rounded to `dtype` once more. NaN stays NaN.
    ///
    /// - Parameter dtype: The dtype wanted.
    /// - Returns: A row-major tensor of the values' shape.
    public func dequantized(to dtype: DType = .float32) -> HostTensor {
        let source = values.contiguous()
        let scales = scales.converted(to: .float32).contiguous()
        let grid = BlockGrid(shape: values.shape, block: block)
        let width = source.dtype.byteCount
        var result = HostTensor(uninitialized: values.shape, dtype: dtype)
        result.withUnsafeMutableBytes { output in
            source.withUnsafeBytes { input in
                scales.withUnsafeElements(of: Float.self) { scales in
                    guard let input = input.baseAddress, let output = output.baseAddress else {
                        return
                    }
                    withUnsafeTemporaryAllocation(of: Float.self, capacity: block.columns) {
                        piece in
                        guard let floats = piece.baseAddress else { return }
                        grid.forEachRowSegment { index, offset, count in
                            ElementConversion.loadFloats(
                                from: input + offset * width,
                                source.dtype,
                                to: floats,
                                count: count
                            )
                            let scale = scales[index]
                            for column in 0..<count { floats[column] *= scale }
                            ElementConversion.storeFloats(
                                floats,
                                to: output + offset * dtype.byteCount,
                                dtype,
                                count: count
                            )
                        }
                    }
                }
            }
        }
        return result
    }
}
