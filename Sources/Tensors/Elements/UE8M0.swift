/// The scale format of OCP microscaling (`float8_e8m0fnu`): an unsigned power of two.
///
/// Code `c` is 2^(c - 127); `0xFF` is NaN. There is no zero and no sign.
public struct UE8M0: FloatingTensorElement, Hashable, CustomStringConvertible {
    /// How a value between two powers of two is rounded.
    public enum Rounding: Sendable, Hashable, CaseIterable {
        /// To the nearer power, halfway up, exactly as `torch.float8_e8m0fnu`. As there, every
        /// value strictly between the two smallest powers goes to the larger of them.
        case nearest
        /// To the next power that is not smaller, so that what is divided by the scale cannot
        /// overflow: what block quantisation needs.
        case up
    }

    /// The biased exponent.
    public var bitPattern: UInt8

    /// The value with these bits.
    @inlinable @inline(__always)
    public init(bitPattern: UInt8) {
        self.bitPattern = bitPattern
    }

    /// `.ue8m0`
    @inlinable public static var dtype: DType { .ue8m0 }

    /// Beyond 2^127 a value saturates.
    @inlinable public static var defaultOverflow: OverflowRule { .saturating }

    /// The largest value, 2^127.
    public static let greatestFiniteMagnitude = UE8M0(bitPattern: 0xFE)

    /// The nearest power of two to the magnitude of `value`.
    ///
    /// The sign is dropped; zero becomes the smallest power, 2^-127. Overflow under
    /// ``OverflowRule/nonFinite`` becomes NaN.
    @inlinable @inline(__always)
    public init(_ value: Float, overflow: OverflowRule) {
        self.init(value, rounding: .nearest, overflow: overflow)
    }

    /// A power of two near the magnitude of `value`, rounded as asked.
    ///
    /// - Parameters:
    ///   - value: Any value; the sign is dropped, zero becomes 2^-127, NaN stays NaN.
    ///   - rounding: To the nearest power, or upwards.
    ///   - overflow: What to do beyond 2^127.
    @inlinable @inline(__always)
    public init(_ value: Float, rounding: Rounding, overflow: OverflowRule = .saturating) {
        let magnitude = value.bitPattern & 0x7FFF_FFFF
        let exponent = magnitude &>> 23
        let fraction = magnitude & 0x7F_FFFF
        // A subnormal Float has no hidden bit: 2^-127 itself is fraction 0x40_0000.
        let threshold: UInt32 = exponent == 0 ? 0x40_0001 : rounding == .up ? 1 : 0x40_0000
        let rounded = exponent &+ (fraction >= threshold ? 1 : 0)
        let beyond: UInt32 = overflow == .saturating ? 0xFE : 0xFF
        let limited = rounded >= 0xFF ? beyond : rounded
        bitPattern = UInt8(truncatingIfNeeded: magnitude > 0x7F80_0000 ? 0xFF : limited)
    }

    /// The same value as a `Float`; the smallest one is a subnormal `Float`.
    @inlinable @inline(__always)
    public var floatValue: Float {
        let normal = UInt32(bitPattern) &<< 23
        let finite = bitPattern == 0 ? 0x0040_0000 : normal
        return Float(bitPattern: bitPattern == 0xFF ? 0x7FC0_0000 : finite)
    }

    /// The value in decimal.
    public var description: String { floatValue.description }
}
