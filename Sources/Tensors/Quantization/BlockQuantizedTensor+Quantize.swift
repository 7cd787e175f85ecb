public import InfraCore

extension BlockQuantizedTensor {
    /// Quantises a tensor to FP8 E4M3.
    ///
    /// A block's scale is its largest finite magnitude divided by 448, at least 2^-126; its
    /// values are `x / scale`, rounded to nearest even. So, for each finite element,
    /// `|x - value * scale| <= max(|x| * 2^-4, scale * 2^-10)`, up to binary32 rounding (which
    /// may carry magnitudes of more than 31/32 of 2^128 to infinity).
    ///
    /// A block of zeros has scale 1. Infinities and NaN become NaN (E4M3 has no infinity, and a
    /// large finite number would hide that something overflowed) and leave their neighbours'
    /// scale alone.
    ///
    /// - Parameters:
    ///   - tensor: `[..., rows, K]`, any dtype; computed in binary32. A tensor of other dtype
    ///     than float32 or with gaps is copied.
    ///   - block: The part that shares a scale.
    ///   - scaleRounding: Whether scales must be powers of two.
    /// - Throws: ``TensorErrorCode/shapeMismatch`` for a scalar.
    public init(
        quantizing tensor: HostTensor,
        block: BlockShape,
        scaleRounding: ScaleRounding = .exact
    ) throws(TensorError) {
        guard tensor.rank > 0 else {
            throw TensorError(.shapeMismatch, "a scalar has no blocks; give it an axis")
        }
        let source = tensor.converted(to: .float32).contiguous()
        let grid = BlockGrid(shape: tensor.shape, block: block)
        var values = HostTensor(uninitialized: tensor.shape, dtype: .float8E4M3)
        var scales = HostTensor(uninitialized: block.scaleShape(forValues: tensor.shape))
        source.withUnsafeElements(of: Float.self) { input in
            values.withUnsafeMutableElements(of: Float8E4M3.self) { output in
                scales.withUnsafeMutableElements(of: Float.self) { scaleOutput in
                    guard let input = input.baseAddress, let output = output.baseAddress else {
                        return
                    }
                    grid.forEach { index, start, height, width in
                        var largest: Float = 0
                        for row in 0..<height {
                            let line = input + start + row * grid.columns
                            largest = max(largest, Self.largestFiniteMagnitude(line, width))
                        }
                        let scale = Self.scale(forLargest: largest, scaleRounding)
                        scaleOutput[index] = scale
                        for row in 0..<height {
                            let offset = start + row * grid.columns
                            Self.encode(input + offset, width, scale, to: output + offset)
                        }
                    }
                }
            }
        }
        self.init(checkedValues: values, scales: scales, block: block)
    }

    static func scale(forLargest largest: Float, _ rounding: ScaleRounding) -> Float {
        guard largest > 0 else { return 1 }
        let scale = max(
            largest / Float8E4M3.greatestFiniteMagnitude.floatValue,
            .leastNormalMagnitude
        )
        return rounding == .exact ? scale : UE8M0(scale, rounding: .up).floatValue
    }

    private static func largestFiniteMagnitude(_ line: UnsafePointer<Float>, _ count: Int) -> Float
    {
        // Magnitudes order as their bits do, and integer comparison becomes vector code.
        var largest: Int32 = 0
        for index in 0..<count {
            let bits = Int32(bitPattern: line[index].bitPattern & 0x7FFF_FFFF)
            let finite = bits < 0x7F80_0000 ? bits : 0
            largest = finite > largest ? finite : largest
        }
        return Float(bitPattern: UInt32(bitPattern: largest))
    }

    private static func encode(
        _ line: UnsafePointer<Float>,
        _ count: Int,
        _ scale: Float,
        to target: UnsafeMutablePointer<Float8E4M3>
    ) {
        for index in 0..<count {
            let value = line[index]
            let scaled = value / scale
            let checked = value.magnitude < .infinity ? scaled : .nan
            target[index] = Float8E4M3(checked, overflow: .saturating)
        }
    }
}
