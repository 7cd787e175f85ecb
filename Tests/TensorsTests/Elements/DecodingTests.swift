import Tensors
import Testing

@Suite("Values of codes")
struct DecodingTests {
    /// Decodes codes through the bulk path.
    static func decoded(_ codes: [UInt8], as dtype: DType) throws -> [Float] {
        let bytes = HostTensor(codes)
        let tensor = try HostTensor(storage: bytes.storage, shape: bytes.shape, dtype: dtype)
        return tensor.converted(to: .float32).elements()
    }

    @Test(
        "all 256 codes decode to what PyTorch says",
        arguments: [DType.float8E4M3, .float8E5M2, .ue8m0]
    )
    func bytes(dtype: DType) throws {
        let expected = try #require(try TorchTables.load().formats[dtype.rawValue]?.decode)
        let bulk = try Self.decoded(Array(0...255), as: dtype)
        for code in UInt8.min...UInt8.max {
            let single =
                switch dtype {
                case .float8E4M3: Float8E4M3(bitPattern: code).floatValue
                case .float8E5M2: Float8E5M2(bitPattern: code).floatValue
                default: UE8M0(bitPattern: code).floatValue
                }
            let reference = Float(bitPattern: expected[Int(code)])
            if reference.isNaN {
                #expect(single.isNaN && bulk[Int(code)].isNaN)
            } else {
                #expect(single.bitPattern == reference.bitPattern)
                #expect(bulk[Int(code)].bitPattern == reference.bitPattern)
            }
        }
    }

    @Test("all codes decode to what the definition says", arguments: ReferenceFormat.all)
    func definition(format: ReferenceFormat) throws {
        for (code, magnitude) in format.magnitudes.enumerated() {
            for sign in [0, 1] {
                let bits = code | sign << (format.width - 1)
                let value: Float =
                    switch format.dtype {
                    case .bfloat16: BFloat16(bitPattern: UInt16(bits)).floatValue
                    case .float16: Float16(bitPattern: UInt16(bits)).floatValue
                    case .float8E4M3: Float8E4M3(bitPattern: UInt8(bits)).floatValue
                    default: Float8E5M2(bitPattern: UInt8(bits)).floatValue
                    }
                let expected = Float(sign == 0 ? magnitude : -magnitude)
                guard value.bitPattern == expected.bitPattern else {
                    Issue.record("code \(bits) is \(value), not \(expected)")
                    return
                }
            }
        }
    }

    @Test("infinities and NaN of binary16 decode as the processor decodes them")
    func halfSpecials() {
        for bits: UInt16 in [0x7C00, 0xFC00] {
            let value = Float16(bitPattern: bits)
            #expect(value.floatValue == Float(value))
        }
        for bits: UInt16 in [0x7C01, 0x7E00, 0xFFFF] {
            #expect(Float16(bitPattern: bits).floatValue.isNaN)
        }
    }

    @Test("encoding what was decoded gives the code back", arguments: ReferenceFormat.all)
    func roundTrip(format: ReferenceFormat) {
        let values = format.magnitudes.map { Float($0) } + format.magnitudes.map { -Float($0) }
        let codes = RoundingTests.codes(of: values, in: format.dtype, overflow: .nonFinite)
        let expected = format.magnitudes.indices.map { $0 }
        #expect(codes == expected + expected.map { $0 | 1 << (format.width - 1) })
    }

    @Test("elements describe themselves by value and compare by bits")
    func comparison() {
        #expect(BFloat16(1.5).description == "1.5")
        #expect(Float8E4M3(-448).description == "-448.0")
        #expect(Float8E5M2(0.25).description == "0.25")
        #expect(UE8M0(8).description == "8.0")
        #expect(BFloat16(0) != BFloat16(-0.0))
        #expect(BFloat16(.nan) == BFloat16(.nan))
    }
}
