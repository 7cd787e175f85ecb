/// The upper half of a binary32: sign, 8 exponent bits, 7 mantissa bits.
///
/// Equality and hashing are on bits: NaN equals an identical NaN, and zero differs from minus
/// zero. Convert to `Float` to compare values.
public struct BFloat16: FloatingTensorElement, Hashable, CustomStringConvertible {
    /// The sixteen bits, sign first.
    public var bitPattern: UInt16

    /// The value with these bits.
    @inlinable @inline(__always)
    public init(bitPattern: UInt16) {
        self.bitPattern = bitPattern
    }

    /// `.bfloat16`
    @inlinable public static var dtype: DType { .bfloat16 }

    /// Overflow becomes infinity.
    @inlinable public static var defaultOverflow: OverflowRule { .nonFinite }

    /// The largest finite value, about 3.39e38.
    public static let greatestFiniteMagnitude = BFloat16(bitPattern: 0x7F7F)

    /// The nearest value; ties go to the even last bit. A NaN keeps its sign and upper payload.
    @inlinable @inline(__always)
    public init(_ value: Float, overflow: OverflowRule) {
        let bits = value.bitPattern
        // Just under half of the last kept bit, or exactly half where that bit is odd.
        let rounded = (bits &+ 0x7FFF &+ ((bits &>> 16) & 1)) &>> 16
        let quieted = (bits &>> 16) | 0x40
        let isOverflow = rounded & 0x7FFF == 0x7F80
        let limited = overflow == .saturating && isOverflow ? rounded &- 1 : rounded
        let code = bits & 0x7FFF_FFFF > 0x7F80_0000 ? quieted : limited
        bitPattern = UInt16(truncatingIfNeeded: code)
    }

    /// The same value as a `Float`.
    @inlinable @inline(__always)
    public var floatValue: Float { Float(bitPattern: UInt32(bitPattern) &<< 16) }

    /// The value in decimal.
    public var description: String { floatValue.description }
}
