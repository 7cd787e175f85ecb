/// OCP FP8 E4M3 (`float8_e4m3fn`): 4 exponent bits, 3 mantissa bits, bias 7, no infinities.
///
/// Codes `0x7F` and `0xFF` are NaN; the largest value is 448 and the smallest above zero 2^-9.
/// The format of DeepSeek-V3's FP8 weights and activations.
///
/// Equality and hashing are on bits; convert to `Float` to compare values.
public struct Float8E4M3: FloatingTensorElement, Hashable, CustomStringConvertible {
    /// The eight bits, sign first.
    public var bitPattern: UInt8

    /// The value with these bits.
    @inlinable @inline(__always)
    public init(bitPattern: UInt8) {
        self.bitPattern = bitPattern
    }

    /// `.float8E4M3`
    @inlinable public static var dtype: DType { .float8E4M3 }

    /// Beyond 448 a value saturates.
    @inlinable public static var defaultOverflow: OverflowRule { .saturating }

    /// The largest finite value, 448.
    public static let greatestFiniteMagnitude = Float8E4M3(bitPattern: 0x7E)

    /// The nearest value; ties go to the even last bit. Overflow under
    /// ``OverflowRule/nonFinite`` becomes NaN.
    @inlinable @inline(__always)
    public init(_ value: Float, overflow: OverflowRule) {
        let code = MinifloatFormat.e4m3.encode(value, saturating: overflow == .saturating)
        bitPattern = UInt8(truncatingIfNeeded: code)
    }

    /// The same value as a `Float`.
    @inlinable @inline(__always)
    public var floatValue: Float {
        // The top exponent holds numbers here, so only the two NaN codes are special.
        let isNaN = bitPattern & 0x7F == 0x7F
        return isNaN ? .nan : MinifloatFormat.e4m3.decode(UInt32(bitPattern))
    }

    /// The value in decimal.
    public var description: String { floatValue.description }
}
