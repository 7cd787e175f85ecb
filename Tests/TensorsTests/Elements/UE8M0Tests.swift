import Tensors
import Testing

@Suite("Power-of-two scales")
struct UE8M0Tests {
    static let powers = (-127...127).map { Float(sign: .plus, exponent: $0, significand: 1) }

    /// The sequence `midpoints` of scripts/make-dtype-tables.py for this format.
    static var midpointInputs: [Float] {
        let around = powers.flatMap { power in
            let bits = Float(1.5 * Double(power)).bitPattern
            return [bits, bits - 1, bits + 1]
        }
        return (around + around.map { $0 | 0x8000_0000 }).map { Float(bitPattern: $0) }
    }

    @Test("rounding to nearest gives PyTorch's codes")
    func torch() throws {
        let table = try #require(try TorchTables.load().formats["F8_E8M0"])
        let inputs = ["midpoints": Self.midpointInputs, "spread": ReferenceFormat.spreadInputs]
        for (name, values) in inputs {
            #expect(table.inputs[name] == values.count)
            let codes = HostTensor(values).converted(to: .ue8m0, overflow: .nonFinite)
            #expect(codes.withUnsafeBytes { crc32($0) } == table.crc32[name])
        }
    }

    @Test("rounding to nearest takes the nearer power, the upper one halfway")
    func nearest() {
        for (lower, upper) in zip(Self.powers.dropFirst(), Self.powers.dropFirst(2)) {
            let middle = (lower + upper) / 2
            #expect(UE8M0(middle).floatValue == upper)
            #expect(UE8M0(middle.nextDown).floatValue == lower)
            #expect(UE8M0(-lower).floatValue == lower)
        }
        #expect(UE8M0(0).floatValue == 0x1p-127)
    }

    @Test("rounding up gives the smallest power that is not below the value")
    func up() {
        for value in Self.midpointInputs + ReferenceFormat.spreadInputs.map(\.magnitude) {
            let magnitude = value.magnitude
            guard magnitude <= 0x1p127 else { continue }
            let scale = UE8M0(value, rounding: .up)
            let isTight =
                scale.floatValue >= magnitude
                && (scale.bitPattern == 0 || scale.floatValue / 2 < magnitude)
            guard isTight else {
                Issue.record("\(value) became \(scale)")
                return
            }
        }
        for power in Self.powers {
            #expect(UE8M0(power, rounding: .up).floatValue == power)
        }
    }

    @Test("beyond 2^127, rounding up saturates or gives NaN as asked")
    func overflow() {
        for value: Float in [0x1.000002p127, .greatestFiniteMagnitude, .infinity, -.infinity] {
            #expect(UE8M0(value, rounding: .up).bitPattern == 0xFE)
            #expect(UE8M0(value, rounding: .up, overflow: .nonFinite).bitPattern == 0xFF)
        }
    }
}
