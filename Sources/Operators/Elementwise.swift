#if canImport(Glibc)
    import Glibc
#endif

/// Eight neighbours, from any address that holds eight floats.
@inline(__always)
func load8(_ pointer: UnsafePointer<Float>) -> SIMD8<Float> {
    UnsafeRawPointer(pointer).loadUnaligned(as: SIMD8<Float>.self)
}

/// Stores eight neighbours.
@inline(__always)
func store8(_ value: SIMD8<Float>, to pointer: UnsafeMutablePointer<Float>) {
    UnsafeMutableRawPointer(pointer).storeBytes(of: value, as: SIMD8<Float>.self)
}

/// The dot product of two rows; a fixed order of additions, so the same bits every time.
@inline(__always)
func dot(_ a: UnsafePointer<Float>, _ b: UnsafePointer<Float>, _ count: Int) -> Float {
    var sum = SIMD8<Float>.zero
    var i = 0
    while i + 8 <= count {
        sum += load8(a + i) * load8(b + i)
        i += 8
    }
    var total = sum.sum()
    while i < count {
        total += a[i] * b[i]
        i += 1
    }
    return total
}

/// 1 / (1 + e⁻ˣ).
@inline(__always)
func sigmoid(_ x: Float) -> Float { 1 / (1 + expf(-x)) }

/// e raised to each of eight powers, to about 2 units in the last place.
///
/// Range reduction to |r| <= ln 2 / 2 and the degree-6 Taylor polynomial in Horner form; inputs
/// are clamped to the range whose results are normal numbers (below -87.3 the result is about
/// 1e-38, which softmax adds as nothing). Scalar `expf` calls took most of the time of attention
/// and SwiGLU on a CPU.
@inline(__always)
func exp8(_ x: SIMD8<Float>) -> SIMD8<Float> {
    // `clamped(lowerBound:upperBound:)` is not inlined here and cost 3 % of a training step.
    let above = x.replacing(with: -87.3, where: x .< -87.3)
    let clamped = above.replacing(with: 88.3, where: above .> 88.3)
    // Adding 1.5 * 2^23 rounds to an integer and leaves it in the low mantissa bits; SSE2, the
    // x86-64 baseline, has no rounding instruction.
    let magic = SIMD8<Float>(repeating: 12_582_912)
    let biased = clamped * 1.442695041 + magic
    let k = biased - magic
    // ln 2 in two parts, so that k ln 2 is subtracted without rounding error.
    let r = clamped - k * 0.693359375 - k * (-2.12194440e-4)
    var p = SIMD8<Float>(repeating: 1 / 720)
    p = p * r + 1 / 120
    p = p * r + 1 / 24
    p = p * r + 1 / 6
    p = p * r + 0.5
    p = p * r + 1
    p = p * r + 1
    let integer =
        unsafeBitCast(biased, to: SIMD8<Int32>.self)
        &- unsafeBitCast(magic, to: SIMD8<Int32>.self)
    let scale = unsafeBitCast((integer &+ 127) &<< 23, to: SIMD8<Float>.self)
    return p * scale
}

/// Writes e^(x - shift) for each x and returns the sum, in a fixed order.
func exponentials(
    _ x: UnsafePointer<Float>,
    _ y: UnsafeMutablePointer<Float>,
    _ count: Int,
    minus shift: Float
) -> Float {
    var sum = SIMD8<Float>.zero
    var i = 0
    while i + 8 <= count {
        let value = exp8(load8(x + i) - shift)
        store8(value, to: y + i)
        sum += value
        i += 8
    }
    var total = sum.sum()
    while i < count {
        y[i] = expf(x[i] - shift)
        total += y[i]
        i += 1
    }
    return total
}
