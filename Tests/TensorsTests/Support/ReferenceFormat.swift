import Tensors
import Testing

/// A narrow format from its definition alone: every value listed, rounding by search. Shares
/// nothing with the conversions under test.
struct ReferenceFormat: Sendable, CustomTestStringConvertible {
    let name: String
    let dtype: DType
    let width: Int
    /// The finite values without sign bit; the index is the code.
    let magnitudes: [Double]
    /// The code that torch gives to overflow: infinity, or NaN.
    let overflowCode: Int
    var testDescription: String { name }

    init(dtype: DType, exponentBits: Int, mantissaBits: Int, finiteCodes: Int, overflowCode: Int) {
        self.dtype = dtype
        name = dtype.rawValue
        width = 1 + exponentBits + mantissaBits
        self.overflowCode = overflowCode
        let bias = (1 << (exponentBits - 1)) - 1
        magnitudes = (0..<finiteCodes).map { code in
            let exponent = code >> mantissaBits
            let fraction = Double(code & ((1 << mantissaBits) - 1)) / Double(1 << mantissaBits)
            return exponent == 0
                ? fraction * Self.power(1 - bias) : (1 + fraction) * Self.power(exponent - bias)
        }
    }

    static let bfloat16 = ReferenceFormat(
        dtype: .bfloat16,
        exponentBits: 8,
        mantissaBits: 7,
        finiteCodes: 0x7F80,
        overflowCode: 0x7F80
    )
    static let float16 = ReferenceFormat(
        dtype: .float16,
        exponentBits: 5,
        mantissaBits: 10,
        finiteCodes: 0x7C00,
        overflowCode: 0x7C00
    )
    static let e4m3 = ReferenceFormat(
        dtype: .float8E4M3,
        exponentBits: 4,
        mantissaBits: 3,
        finiteCodes: 0x7F,
        overflowCode: 0x7F
    )
    static let e5m2 = ReferenceFormat(
        dtype: .float8E5M2,
        exponentBits: 5,
        mantissaBits: 2,
        finiteCodes: 0x7C,
        overflowCode: 0x7C
    )
    static let all = [bfloat16, float16, e4m3, e5m2]

    static func power(_ exponent: Int) -> Double {
        Double(sign: .plus, exponent: exponent, significand: 1)
    }

    /// The value that the spacing suggests above the largest one.
    var beyond: Double { 2 * magnitudes[magnitudes.count - 1] - magnitudes[magnitudes.count - 2] }

    /// The code nearest to a value that is not NaN.
    func code(nearestTo value: Float, saturating: Bool) -> Int {
        let sign = value.sign == .minus ? 1 << (width - 1) : 0
        let magnitude = Double(value.magnitude)
        // The first code whose upper midpoint is not below the value.
        var low = 0
        var high = magnitudes.count
        while low < high {
            let middle = (low + high) / 2
            if midpoint(above: middle) < magnitude { low = middle + 1 } else { high = middle }
        }
        var code = low
        if code < magnitudes.count, midpoint(above: code) == magnitude, code % 2 == 1 { code += 1 }
        if code == magnitudes.count {
            code = saturating ? magnitudes.count - 1 : overflowCode
        }
        return code | sign
    }

    /// Halfway between a code's value and the next larger one's.
    func midpoint(above code: Int) -> Double {
        let next = code + 1 < magnitudes.count ? magnitudes[code + 1] : beyond
        return (magnitudes[code] + next) / 2
    }

    /// The sequence `midpoints` of scripts/make-dtype-tables.py.
    var midpointInputs: [Float] {
        let around = magnitudes.indices.flatMap { code in
            let bits = Float(midpoint(above: code)).bitPattern
            return [bits, bits - 1, bits + 1]
        }
        return (around + around.map { $0 | 0x8000_0000 }).map { Float(bitPattern: $0) }
    }

    /// The sequence `spread` of scripts/make-dtype-tables.py.
    static let spreadInputs: [Float] = stride(from: 0, to: 1 << 32, by: 4093)
        .map { Float(bitPattern: UInt32($0)) }
        .filter { !$0.isNaN }
}
