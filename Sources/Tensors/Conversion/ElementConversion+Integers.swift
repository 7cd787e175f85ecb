extension ElementConversion {
    /// Integers to floats: to nearest, or to odd (see `loadFloats`).
    @inline(__always)
    static func decodeInteger<Integer: FixedWidthInteger>(
        _ type: Integer.Type,
        _ source: UnsafeRawPointer,
        _ target: UnsafeMutablePointer<Float>,
        _ count: Int,
        _ keepsStickyBit: Bool
    ) {
        let elements = source.assumingMemoryBound(to: Integer.self)
        if keepsStickyBit {
            for index in 0..<count { target[index] = roundedToOdd(Int64(elements[index])) }
        } else {
            for index in 0..<count { target[index] = Float(elements[index]) }
        }
    }

    /// Cuts an integer to 24 significant bits and sets the last of them if anything was cut off.
    private static func roundedToOdd(_ value: Int64) -> Float {
        let magnitude = value.magnitude
        let excess = max(0, 64 - magnitude.leadingZeroBitCount - 24)
        let kept = magnitude >> UInt64(excess)
        let isInexact = kept << UInt64(excess) != magnitude
        let result = Float(kept | (isInexact ? 1 : 0)) * Float(UInt64(1) << UInt64(excess))
        return value < 0 ? -result : result
    }

    /// Floats to integers: towards zero, saturating; NaN becomes 0.
    @inline(__always)
    static func encodeInteger<Integer: FixedWidthInteger>(
        _ type: Integer.Type,
        _ source: UnsafePointer<Float>,
        _ target: UnsafeMutableRawPointer,
        _ count: Int
    ) {
        let elements = target.assumingMemoryBound(to: Integer.self)
        // 2^31 and 2^63 are floats, the largest integers are not: compare with the power.
        let width = Integer.bitWidth - (Integer.isSigned ? 1 : 0)
        let limit = Float(sign: .plus, exponent: width, significand: 1)
        let lowest = Float(Integer.min)
        for index in 0..<count {
            let value = source[index]
            if value >= limit {
                elements[index] = .max
            } else if value >= lowest {
                // Through Int64, which the processor converts to; the generic way is slow.
                elements[index] = Integer(truncatingIfNeeded: Int64(value))
            } else {
                elements[index] = value.isNaN ? 0 : .min
            }
        }
    }

    /// Integers to integers: saturating.
    static func convertIntegers(
        from source: UnsafeRawPointer,
        _ sourceType: DType,
        to target: UnsafeMutableRawPointer,
        _ targetType: DType,
        count: Int
    ) {
        switch sourceType {
        case .int32: clampIntegers(Int32.self, source, target, targetType, count)
        case .int64: clampIntegers(Int64.self, source, target, targetType, count)
        default: clampIntegers(UInt8.self, source, target, targetType, count)
        }
    }

    private static func clampIntegers<Source: FixedWidthInteger>(
        _ type: Source.Type,
        _ source: UnsafeRawPointer,
        _ target: UnsafeMutableRawPointer,
        _ targetType: DType,
        _ count: Int
    ) {
        let values = UnsafeBufferPointer(
            start: source.assumingMemoryBound(to: Source.self),
            count: count
        )
        switch targetType {
        case .int32: clamp(values, to: target.assumingMemoryBound(to: Int32.self))
        case .int64: clamp(values, to: target.assumingMemoryBound(to: Int64.self))
        default: clamp(values, to: target.assumingMemoryBound(to: UInt8.self))
        }
    }

    @inline(__always)
    private static func clamp<Source: FixedWidthInteger, Target: FixedWidthInteger>(
        _ values: UnsafeBufferPointer<Source>,
        to target: UnsafeMutablePointer<Target>
    ) {
        for index in values.indices { target[index] = Target(clamping: values[index]) }
    }
}
