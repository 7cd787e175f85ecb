import Tensors
import Testing

@Suite("Rounding floats to narrow formats")
struct RoundingTests {
    static func codes(of values: [Float], in dtype: DType, overflow: OverflowRule) -> [Int] {
        let converted = HostTensor(values).converted(to: dtype, overflow: overflow)
        return converted.withUnsafeBytes { bytes in
            dtype.byteCount == 1
                ? bytes.map { Int($0) } : bytes.bindMemory(to: UInt16.self).map { Int($0) }
        }
    }

    /// One element at a time, through the initialisers.
    static func code(of value: Float, in dtype: DType, overflow: OverflowRule) -> Int {
        switch dtype {
        case .bfloat16: Int(BFloat16(value, overflow: overflow).bitPattern)
        case .float16: Int(Float16(value, overflow: overflow).bitPattern)
        case .float8E4M3: Int(Float8E4M3(value, overflow: overflow).bitPattern)
        default: Int(Float8E5M2(value, overflow: overflow).bitPattern)
        }
    }

    @Test(
        "every midpoint between neighbours, and the floats beside it, round as the definition says",
        arguments: ReferenceFormat.all,
        OverflowRule.allCases
    )
    func midpoints(format: ReferenceFormat, overflow: OverflowRule) {
        let inputs = format.midpointInputs
        let bulk = Self.codes(of: inputs, in: format.dtype, overflow: overflow)
        var wrong: [Float] = []
        for (input, code) in zip(inputs, bulk) {
            let expected = format.code(nearestTo: input, saturating: overflow == .saturating)
            let single = Self.code(of: input, in: format.dtype, overflow: overflow)
            if code != expected || single != expected { wrong.append(input) }
        }
        #expect(wrong.isEmpty)
        if format.dtype == .bfloat16 { #expect(inputs.count == 3 * 65_280) }
    }

    @Test(
        "a million floats spread over all exponents round as the definition says",
        arguments: ReferenceFormat.all
    )
    func spread(format: ReferenceFormat) {
        let inputs = ReferenceFormat.spreadInputs
        for overflow in OverflowRule.allCases {
            let bulk = Self.codes(of: inputs, in: format.dtype, overflow: overflow)
            let wrong = zip(inputs, bulk).filter {
                $1 != format.code(nearestTo: $0, saturating: overflow == .saturating)
            }
            #expect(wrong.isEmpty)
        }
    }

    @Test("PyTorch gives the same codes", arguments: ReferenceFormat.all)
    func torch(format: ReferenceFormat) throws {
        let table = try #require(try TorchTables.load().formats[format.name])
        // PyTorch 2.13 saturates this format, which has no infinity, and no other.
        let overflow: OverflowRule = format.dtype == .float8E4M3 ? .saturating : .nonFinite
        let inputs = ["midpoints": format.midpointInputs, "spread": ReferenceFormat.spreadInputs]
        for (name, values) in inputs {
            #expect(table.inputs[name] == values.count)
            let codes = HostTensor(values).converted(to: format.dtype, overflow: overflow)
            #expect(codes.withUnsafeBytes { crc32($0) } == table.crc32[name])
        }
    }

    @Test("8-bit formats saturate by default, wider ones keep infinity")
    func defaults() {
        let infinity = Float.infinity
        #expect(Float8E4M3(infinity).floatValue == 448)
        #expect(Float8E4M3(-1e9).floatValue == -448)
        #expect(Float8E5M2(infinity).floatValue == 57344)
        #expect(UE8M0(infinity).floatValue == 0x1p127)
        #expect(BFloat16(-infinity).floatValue == -infinity)
        #expect(Float16(1e6 as Float, overflow: Float16.defaultOverflow) == .infinity)
        let tensor = HostTensor([infinity, -infinity])
        #expect(
            tensor.converted(to: .float8E5M2).elements(of: Float8E5M2.self).map(Float.init) == [
                57344, -57344,
            ]
        )
        #expect(
            tensor.converted(to: .bfloat16).elements(of: BFloat16.self).map(Float.init) == [
                infinity, -infinity,
            ]
        )
        #expect(
            tensor.converted(to: .float32, overflow: .saturating).elements(of: Float.self) == [
                .greatestFiniteMagnitude, -.greatestFiniteMagnitude,
            ]
        )
    }

    @Test("NaN stays NaN, quiet or signalling, under either rule", arguments: OverflowRule.allCases)
    func notANumber(overflow: OverflowRule) {
        for bits: UInt32 in [0x7FC0_0000, 0xFFC0_0000, 0x7F80_0001, 0xFF80_0001, 0x7FFF_FFFF] {
            let nan = Float(bitPattern: bits)
            #expect(BFloat16(nan, overflow: overflow).floatValue.isNaN)
            #expect(Float16(nan, overflow: overflow).isNaN)
            #expect(Float8E4M3(nan, overflow: overflow).floatValue.isNaN)
            #expect(Float8E5M2(nan, overflow: overflow).floatValue.isNaN)
            #expect(UE8M0(nan, overflow: overflow).floatValue.isNaN)
            for rounding in UE8M0.Rounding.allCases {
                #expect(UE8M0(nan, rounding: rounding, overflow: overflow).bitPattern == 0xFF)
            }
        }
    }

    @Test("the named largest values are the largest")
    func largest() {
        #expect(Float8E4M3.greatestFiniteMagnitude.floatValue == 448)
        #expect(Float8E5M2.greatestFiniteMagnitude.floatValue == 57344)
        #expect(BFloat16.greatestFiniteMagnitude.floatValue == 0x1.FEp127)
        #expect(UE8M0.greatestFiniteMagnitude.floatValue == 0x1p127)
        #expect(
            BFloat16(.greatestFiniteMagnitude, overflow: .saturating) == .greatestFiniteMagnitude
        )
        #expect(BFloat16(-.infinity, overflow: .saturating).floatValue == -0x1.FEp127)
    }
}
