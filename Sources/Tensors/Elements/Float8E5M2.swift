/// OCP FP8 E5M2: 5 exponent bits, 2 mantissa bits, bias 15, with infinities.
///
/// The largest finite value is 57344 and the smallest above zero 2^-16.
///
/// Equality and hashing are on bits; convert to `Float` to compare values.
public struct Float8E5M2: FloatingTensorElement, Hashable, CustomStringConvertible {
    /// The eight bits, sign first.
    public var bitPattern: UInt8

    /// The value with these bits.
    @inlinable @inline(__always)
    public init(bitPattern: UInt8) {
        self.bitPattern = bitPattern
    }

    /// `.float8E5M2`
    @inlinable public static var dtype: DType { .float8E5M2 }

    /// Beyond 57344 a value saturates.
    @inlinable public static var defaultOverflow: OverflowRule { .saturating }

    /// The largest finite value, 57344.
    public static let greatestFiniteMagnitude = Float8E5M2(bitPattern: 0x7B)

    /// The nearest value; ties go to the even last bit. Overflow under
    /// ``OverflowRule/nonFinite`` becomes infinity.
    @inlinable @inline(__always)
    public init(_ value: Float, overflow: OverflowRule) {
        let code = MinifloatFormat.e5m2.encode(value, saturating: overflow == .saturating)
        bitPattern = UInt8(truncatingIfNeeded: code)
    }

    /// The same value as a `Float`.
    @inlinable @inline(__always)
    public var floatValue: Float {
        MinifloatFormat.e5m2.decode(UInt32(bitPattern))
    }

    /// The value in decimal.
    public var description: String { floatValue.description }
}
