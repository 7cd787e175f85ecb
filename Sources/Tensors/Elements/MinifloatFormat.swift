/// A binary format narrower than binary32, with a sign bit, `exponentBits` and `mantissaBits`,
/// described by the numbers that encoding and decoding need.
///
/// Both directions are branch-free integer work plus one addition, so that loops over them
/// become vector code even on the oldest x86-64.
@usableFromInline
struct MinifloatFormat {
    /// Bits below the exponent.
    @usableFromInline let mantissaBits: UInt32
    /// What is added to an exponent before it is stored.
    @usableFromInline let bias: UInt32
    /// The position of the sign bit.
    @usableFromInline let signShift: UInt32
    /// The code of the largest finite value.
    @usableFromInline let largestFinite: UInt32
    /// The code that overflow gets when it may not saturate: infinity, or NaN.
    @usableFromInline let overflow: UInt32
    /// The code of a quiet NaN.
    @usableFromInline let nan: UInt32

    @inlinable @inline(__always)
    init(
        mantissaBits: UInt32,
        bias: UInt32,
        signShift: UInt32,
        largestFinite: UInt32,
        overflow: UInt32,
        nan: UInt32
    ) {
        self.mantissaBits = mantissaBits
        self.bias = bias
        self.signShift = signShift
        self.largestFinite = largestFinite
        self.overflow = overflow
        self.nan = nan
    }

    /// IEEE 754 binary16.
    @inlinable @inline(__always)
    static var binary16: MinifloatFormat {
        MinifloatFormat(
            mantissaBits: 10,
            bias: 15,
            signShift: 15,
            largestFinite: 0x7BFF,
            overflow: 0x7C00,
            nan: 0x7E00
        )
    }

    /// OCP FP8 E4M3: no infinity, one NaN code a sign, largest value 448.
    @inlinable @inline(__always)
    static var e4m3: MinifloatFormat {
        MinifloatFormat(
            mantissaBits: 3,
            bias: 7,
            signShift: 7,
            largestFinite: 0x7E,
            overflow: 0x7F,
            nan: 0x7F
        )
    }

    /// OCP FP8 E5M2: IEEE-like, largest finite value 57344.
    @inlinable @inline(__always)
    static var e5m2: MinifloatFormat {
        MinifloatFormat(
            mantissaBits: 2,
            bias: 15,
            signShift: 7,
            largestFinite: 0x7B,
            overflow: 0x7C,
            nan: 0x7F
        )
    }

    /// The code nearest to `value`; ties go to the even code.
    @inlinable @inline(__always)
    func encode(_ value: Float, saturating: Bool) -> UInt32 {
        let bits = value.bitPattern
        let magnitude = bits & 0x7FFF_FFFF
        let shift = 23 &- mantissaBits
        let exponentShift = (127 &- bias) &<< 23

        // Normal results: move the exponent, then add just under half of the last kept bit, or
        // exactly half where that bit is odd, so that the carry rounds to nearest even.
        let half = (1 as UInt32) &<< (shift &- 1)
        let isOdd = (magnitude &>> shift) & 1
        let normal = (magnitude &- exponentShift &+ half &- 1 &+ isOdd) &>> shift

        // Subnormal results: added to a power of two whose last bit weighs as much as the
        // smallest subnormal, the processor's own rounding leaves the code in the low bits.
        let anchor = exponentShift &+ ((24 &- mantissaBits) &<< 23)
        let anchored = Float(bitPattern: magnitude) + Float(bitPattern: anchor)
        let subnormal = anchored.bitPattern &- anchor

        let beyond = saturating ? largestFinite : overflow
        let clamped = normal > largestFinite ? beyond : normal
        let finite = magnitude < exponentShift &+ (1 &<< 23) ? subnormal : clamped
        let code = magnitude > 0x7F80_0000 ? nan : finite
        return code | ((bits &>> 31) &<< signShift)
    }

    /// The value of a code of an IEEE-like format, one with infinities.
    @inlinable @inline(__always)
    func decode(_ code: UInt32) -> Float {
        let shift = 23 &- mantissaBits
        let exponentShift = (127 &- bias) &<< 23
        let magnitude = (code & ((1 &<< signShift) &- 1)) &<< shift
        let sign = (code &>> signShift) &<< 31
        // Subnormal codes: give them the smallest normal exponent's hidden bit, then take its
        // value away again; no subnormal operand, which some processors handle slowly, appears.
        let hidden = exponentShift &+ (1 &<< 23)
        let subnormal = Float(bitPattern: magnitude &+ hidden) - Float(bitPattern: hidden)
        let normal = magnitude &+ exponentShift
        let isNonFinite = code & ((1 &<< signShift) &- 1) >= overflow
        let special = isNonFinite ? normal &+ exponentShift : normal
        let isSubnormal = magnitude < (1 &<< 23)
        return Float(bitPattern: (isSubnormal ? subnormal.bitPattern : special) | sign)
    }
}
