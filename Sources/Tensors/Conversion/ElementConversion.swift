/// Bulk conversion of row-major elements between any two dtypes.
///
/// Everything passes through `Float` (or `Int64`, between integers) in pieces that stay in the
/// first-level cache; a source or target that already is `Float` is used in place.
package enum ElementConversion {
    /// Elements in flight: 8 KiB of `Float`.
    static let pieceElements = 2048

    /// Converts `count` elements.
    ///
    /// - Parameters:
    ///   - source: The first source element, aligned to its width.
    ///   - sourceType: Its dtype.
    ///   - target: The first target element, aligned to its width; must not overlap the source.
    ///   - targetType: Its dtype.
    ///   - count: How many elements.
    ///   - overflow: What to do beyond a floating-point target's largest finite value; `nil` for
    ///     the target's default.
    package static func convert(
        from source: UnsafeRawPointer,
        _ sourceType: DType,
        to target: UnsafeMutableRawPointer,
        _ targetType: DType,
        count: Int,
        overflow: OverflowRule? = nil
    ) {
        if !sourceType.isFloatingPoint, !targetType.isFloatingPoint {
            convertIntegers(from: source, sourceType, to: target, targetType, count: count)
        } else if targetType == .float32, overflow != .saturating {
            let floats = target.assumingMemoryBound(to: Float.self)
            loadFloats(from: source, sourceType, to: floats, count: count)
        } else if sourceType == .float32 {
            let floats = source.assumingMemoryBound(to: Float.self)
            storeFloats(floats, to: target, targetType, count: count, overflow: overflow)
        } else {
            withUnsafeTemporaryAllocation(of: Float.self, capacity: pieceElements) { piece in
                guard let floats = piece.baseAddress else { return }
                var start = 0
                while start < count {
                    let length = min(pieceElements, count - start)
                    loadFloats(
                        from: source + start * sourceType.byteCount,
                        sourceType,
                        to: floats,
                        count: length,
                        keepsStickyBit: true
                    )
                    storeFloats(
                        floats,
                        to: target + start * targetType.byteCount,
                        targetType,
                        count: length,
                        overflow: overflow
                    )
                    start += length
                }
            }
        }
    }

    /// Converts `count` elements of any dtype to `Float`.
    ///
    /// - Parameters:
    ///   - source: The first element, aligned to its width.
    ///   - dtype: Its dtype.
    ///   - target: Where the floats go.
    ///   - count: How many elements.
    ///   - keepsStickyBit: Whether an integer too wide for a `Float` is rounded to odd, so that
    ///     a second rounding to a narrower format gives what a single one would (Boldo and
    ///     Melquiond, "Emulation of FMA and correctly rounded sums", 2008). Otherwise to nearest.
    package static func loadFloats(
        from source: UnsafeRawPointer,
        _ dtype: DType,
        to target: UnsafeMutablePointer<Float>,
        count: Int,
        keepsStickyBit: Bool = false
    ) {
        switch dtype {
        case .float32:
            UnsafeMutableRawPointer(target).copyMemory(from: source, byteCount: 4 * count)
        case .bfloat16: decode(BFloat16.self, source, target, count)
        case .float16: decode(Float16.self, source, target, count)
        case .float8E4M3: Float8Table.e4m3.decode(source, target, count)
        case .float8E5M2: Float8Table.e5m2.decode(source, target, count)
        case .ue8m0: decode(UE8M0.self, source, target, count)
        case .int32: decodeInteger(Int32.self, source, target, count, keepsStickyBit)
        case .int64: decodeInteger(Int64.self, source, target, count, keepsStickyBit)
        case .uint8: decodeInteger(UInt8.self, source, target, count, false)
        }
    }

    /// Converts `count` floats to any dtype.
    ///
    /// - Parameters:
    ///   - source: The first float.
    ///   - target: The first target element, aligned to its width.
    ///   - dtype: Its dtype.
    ///   - count: How many elements.
    ///   - overflow: As in ``convert(from:_:to:_:count:overflow:)``.
    package static func storeFloats(
        _ source: UnsafePointer<Float>,
        to target: UnsafeMutableRawPointer,
        _ dtype: DType,
        count: Int,
        overflow: OverflowRule? = nil
    ) {
        switch dtype {
        case .float32: encode(Float.self, source, target, count, overflow)
        case .bfloat16: encode(BFloat16.self, source, target, count, overflow)
        case .float16: encode(Float16.self, source, target, count, overflow)
        case .float8E4M3: encode(Float8E4M3.self, source, target, count, overflow)
        case .float8E5M2: encode(Float8E5M2.self, source, target, count, overflow)
        case .ue8m0: encode(UE8M0.self, source, target, count, overflow)
        case .int32: encodeInteger(Int32.self, source, target, count)
        case .int64: encodeInteger(Int64.self, source, target, count)
        case .uint8: encodeInteger(UInt8.self, source, target, count)
        }
    }
}

extension ElementConversion {
    @inline(__always)
    private static func decode<Element: FloatingTensorElement>(
        _ type: Element.Type,
        _ source: UnsafeRawPointer,
        _ target: UnsafeMutablePointer<Float>,
        _ count: Int
    ) {
        let elements = source.assumingMemoryBound(to: Element.self)
        var index = 0
        while index < count {
            target[index] = elements[index].floatValue
            index &+= 1
        }
    }

    @inline(__always)
    private static func encode<Element: FloatingTensorElement>(
        _ type: Element.Type,
        _ source: UnsafePointer<Float>,
        _ target: UnsafeMutableRawPointer,
        _ count: Int,
        _ overflow: OverflowRule?
    ) {
        let elements = target.assumingMemoryBound(to: Element.self)
        var index = 0
        // The rule is tested outside the loops: inside they must stay free of branches.
        switch overflow ?? Element.defaultOverflow {
        case .saturating:
            while index < count {
                elements[index] = Element(source[index], overflow: .saturating)
                index &+= 1
            }
        case .nonFinite:
            while index < count {
                elements[index] = Element(source[index], overflow: .nonFinite)
                index &+= 1
            }
        }
    }
}
