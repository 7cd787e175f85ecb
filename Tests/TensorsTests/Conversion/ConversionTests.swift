import InfraCore
import Tensors
import Testing

@Suite("Conversion between dtypes")
struct ConversionTests {
    static let pairs = DType.allCases.flatMap { from in DType.allCases.map { (from, $0) } }

    @Test("small powers of two pass unchanged between any two dtypes", arguments: pairs)
    func exactValues(from: DType, to: DType) {
        // 5000 elements: several pieces and a remainder.
        let values = (0..<5000).map { Float(1 << ($0 % 7)) }
        let source = HostTensor(values).converted(to: from)
        let target = source.converted(to: to)
        #expect(target.dtype == to)
        #expect(target.converted(to: .float32) == HostTensor(values))
    }

    @Test(
        "between narrow floats a value is rounded once, whatever lies between",
        arguments: [DType.bfloat16, .float16],
        [DType.float8E4M3, .float8E5M2, .float16, .bfloat16]
    )
    func narrowToNarrow(from: DType, to: DType) throws {
        // All 65,536 codes, as the bytes of 32-bit words of two codes each.
        let codes = HostTensor((0..<32_768).map { Int32(bitPattern: $0 * 2 | ($0 * 2 + 1) << 16) })
        let source = try HostTensor(storage: codes.storage, shape: [65_536], dtype: from)
        let floats = source.converted(to: .float32)
        #expect(source.converted(to: to) == (from == to ? source : floats.converted(to: to)))
    }

    @Test("integers beyond 2^24 are rounded once to every floating-point dtype")
    func wideIntegers() {
        var random = SeededRandom(seed: 5)
        var values: [Int64] = [0, 1, -1, .min, .max, 1 << 53 + 1, -(1 << 53) - 1]
        for exponent in 8..<63 {
            // A midpoint of bf16 or fp16, and its neighbours: passing through a rounded binary32
            // first would lose on which side of it they lie.
            for bits: Int64 in [0x101, 0x103, 0x801, 0x803] where exponent >= 12 {
                let shift = exponent - 12
                let middle = bits << Int64(shift)
                values += [middle - 1, middle, middle + 1, -middle - 1, -middle, 1 - middle]
            }
            values.append(Int64(bitPattern: random.next()) >> Int64(63 - exponent))
        }
        let source = HostTensor(values)
        for format in [ReferenceFormat.bfloat16, .float16] {
            let codes = source.converted(to: format.dtype).elementsAsCodes()
            for (value, code) in zip(values, codes) {
                #expect(code == format.code(nearestTo: value), "\(value) to \(format.name)")
            }
        }
        #expect(source.converted(to: .float32).elements() == values.map { Float($0) })
        let narrow = values.map { Int32(clamping: $0) }
        let codes = HostTensor(narrow).converted(to: .bfloat16).elementsAsCodes()
        #expect(codes == narrow.map { ReferenceFormat.bfloat16.code(nearestTo: Int64($0)) })
    }

    @Test("floats become integers towards zero, saturating, NaN as zero")
    func toIntegers() {
        let values: [Float] = [
            0, -0.0, 0.99, -0.99, 1.5, -1.5, 255, 256, 255.9, -1, 2_147_483_520, 2_147_483_648,
            -2_147_483_648, -2_147_483_904, 0x1p62, 0x1p63, -0x1p63, -0x1.8p63, .infinity,
            -.infinity,
            .nan,
        ]
        let source = HostTensor(values)
        #expect(
            source.converted(to: .int32).elements() == [
                0, 0, 0, 0, 1, -1, 255, 256, 255, -1, 2_147_483_520, .max, .min, .min, .max, .max,
                .min,
                .min, .max, .min, 0,
            ] as [Int32]
        )
        #expect(
            source.converted(to: .int64).elements() == [
                0, 0, 0, 0, 1, -1, 255, 256, 255, -1, 2_147_483_520, 2_147_483_648, -2_147_483_648,
                -2_147_483_904, 1 << 62, .max, .min, .min, .max, .min, 0,
            ] as [Int64]
        )
        #expect(
            source.converted(to: .uint8).elements() == [
                0, 0, 0, 0, 1, 0, 255, 255, 255, 0, 255, 255, 0, 0, 255, 255, 0, 0, 255, 0, 0,
            ] as [UInt8]
        )
    }

    @Test("integers become narrower integers saturating")
    func integersToIntegers() {
        let wide = HostTensor([.min, -1, 0, 255, 256, 1 << 31, .max] as [Int64])
        #expect(
            wide.converted(to: .int32).elements() == [.min, -1, 0, 255, 256, .max, .max] as [Int32]
        )
        #expect(wide.converted(to: .uint8).elements() == [0, 0, 0, 255, 255, 255, 255] as [UInt8])
        let bytes = HostTensor([0, 200, 255] as [UInt8])
        #expect(bytes.converted(to: .int64).elements() == [0, 200, 255] as [Int64])
        #expect(
            HostTensor([-5, 300] as [Int32]).converted(to: .int64).elements() == [-5, 300]
                as [Int64]
        )
    }

    @Test("a conversion to the same dtype shares storage; others do not need contiguity")
    func layouts() throws {
        let tensor = HostTensor((0..<6).map(Float.init), shape: [2, 3])
        #expect(tensor.converted(to: .float32).storage === tensor.storage)
        let transposed = tensor.transposed().converted(to: .int32)
        #expect(transposed.shape == [3, 2])
        #expect(transposed.elements() == [0, 3, 1, 4, 2, 5] as [Int32])
        let column = try tensor.slice(axis: 1, from: 1, count: 1).converted(to: .uint8)
        #expect(column.elements() == [1, 4] as [UInt8])
        #expect(HostTensor(zeros: [0, 4]).converted(to: .bfloat16).shape == [0, 4])
    }
}

extension HostTensor {
    /// The bits of 2-byte elements.
    fileprivate func elementsAsCodes() -> [Int] {
        withUnsafeBytes { $0.bindMemory(to: UInt16.self).map { Int($0) } }
    }
}

extension ReferenceFormat {
    /// The code nearest to an integer, decided in exact integer arithmetic: overflow is infinity.
    func code(nearestTo value: Int64) -> Int {
        let sign = value < 0 ? 1 << (width - 1) : 0
        let magnitude = value.magnitude
        // Values beyond 2^64 are no candidates but as upper neighbours.
        let candidates = magnitudes.indices.filter { magnitudes[$0] >= 1 || $0 == 0 }
        var low = 0
        var high = candidates.count
        while low < high {
            let middle = (low + high) / 2
            if Self.isBelow(midpoint(above: candidates[middle]), magnitude) {
                low = middle + 1
            } else {
                high = middle
            }
        }
        guard low < candidates.count else { return overflowCode | sign }
        let code = candidates[low]
        let isTie =
            midpoint(above: code) == Double(magnitude)
            && UInt64(exactly: midpoint(above: code)) == magnitude
        let rounded = code + (isTie && code % 2 == 1 ? 1 : 0)
        return (rounded == magnitudes.count ? overflowCode : rounded) | sign
    }

    private static func isBelow(_ midpoint: Double, _ magnitude: UInt64) -> Bool {
        guard midpoint < 0x1p64 else { return false }
        let whole = UInt64(midpoint)
        return whole < magnitude
    }
}
