import InfraCore
import Tensors
import Testing

@Suite("Block quantisation")
struct BlockQuantizationTests {
    static func random(_ shape: [Int], seed: UInt64 = 1) -> HostTensor {
        var random = SeededRandom(seed: seed)
        let count = shape.reduce(1, *)
        // Magnitudes from 2^-30 to 2^30: within a block, small values become subnormal or zero.
        let values = (0..<count).map { _ in
            random.normal()
                * Float(sign: .plus, exponent: Int(random.next() % 61) - 30, significand: 1)
        }
        return HostTensor(values, shape: shape)
    }

    @Test(
        "every element stays within the bound, and every scale follows from its block",
        arguments: [
            [1, 128], [1, 1], [3, 127], [5, 129], [127, 64], [128, 128], [129, 257], [300, 384],
            [2, 1000],
        ],
        [BlockShape.tokenGroup, .weightTile, BlockShape(rows: 2, columns: 16)]
    )
    func bounds(shape: [Int], block: BlockShape) throws {
        let tensor = Self.random(shape)
        let input = tensor.elements(of: Float.self)
        for rounding in ScaleRounding.allCases {
            let quantized = try BlockQuantizedTensor(
                quantizing: tensor,
                block: block,
                scaleRounding: rounding
            )
            #expect(quantized.values.shape == shape)
            #expect(quantized.values.dtype == .float8E4M3)
            let scaleColumns = (shape[1] + block.columns - 1) / block.columns
            let scaleRows = (shape[0] + block.rows - 1) / block.rows
            #expect(quantized.scales.shape == [scaleRows, scaleColumns])
            let scales = quantized.scales.elements(of: Float.self)

            var largest = [Float](repeating: 0, count: scaleRows * scaleColumns)
            for row in 0..<shape[0] {
                for column in 0..<shape[1] {
                    let index = row / block.rows * scaleColumns + column / block.columns
                    largest[index] = max(largest[index], input[row * shape[1] + column].magnitude)
                }
            }
            for (scale, magnitude) in zip(scales, largest) {
                switch rounding {
                case .exact: #expect(scale == magnitude / 448)
                case .powerOfTwo:
                    #expect(scale.significand == 1)
                    #expect(scale >= magnitude / 448 && scale / 2 < magnitude / 448)
                }
            }

            let output = quantized.dequantized().elements(of: Float.self)
            var worst: Float = 0
            for row in 0..<shape[0] {
                for column in 0..<shape[1] {
                    let scale = scales[row / block.rows * scaleColumns + column / block.columns]
                    let value = input[row * shape[1] + column]
                    let bound = max(value.magnitude * 0x1p-4, scale * 0x1p-10)
                    worst = max(worst, (output[row * shape[1] + column] - value).magnitude / bound)
                }
            }
            // Three binary32 roundings: the scale, the quotient, the product.
            #expect(worst <= 1 + 0x1p-18)
        }
    }

    @Test("the codes are those of x / scale, one by one", arguments: ScaleRounding.allCases)
    func codes(rounding: ScaleRounding) throws {
        let tensor = Self.random([7, 300], seed: 3)
        let quantized = try BlockQuantizedTensor(
            quantizing: tensor,
            block: .tokenGroup,
            scaleRounding: rounding
        )
        let scales = quantized.scales.elements(of: Float.self)
        let codes = quantized.values.elements(of: Float8E4M3.self)
        for (index, value) in tensor.elements(of: Float.self).enumerated() {
            let scale = scales[index / 300 * 3 + index % 300 / 128]
            let expected = ReferenceFormat.e4m3.code(nearestTo: value / scale, saturating: true)
            #expect(Int(codes[index].bitPattern) == expected)
        }
    }

    @Test("power-of-two scales survive UE8M0 and dequantise from it to the same values")
    func scaleFormat() throws {
        let quantized = try BlockQuantizedTensor(
            quantizing: Self.random([200, 200]),
            block: .weightTile,
            scaleRounding: .powerOfTwo
        )
        let narrow = try BlockQuantizedTensor(
            values: quantized.values,
            scales: quantized.scales.converted(to: .ue8m0),
            block: .weightTile
        )
        #expect(narrow.scales.converted(to: .float32) == quantized.scales)
        #expect(narrow.dequantized() == quantized.dequantized())
        #expect(narrow != quantized)
    }

    @Test("values that FP8 holds, with their largest at 448, come back exactly")
    func exact() throws {
        let codes = (0..<127).map { Float8E4M3(bitPattern: $0).floatValue }
        let tensor = HostTensor(codes + [-448], shape: [1, 128])
        for rounding in ScaleRounding.allCases {
            let quantized = try BlockQuantizedTensor(
                quantizing: tensor,
                block: .tokenGroup,
                scaleRounding: rounding
            )
            #expect(quantized.scales.elements() == [1 as Float])
            #expect(quantized.dequantized() == tensor)
        }
    }

    @Test("a block of zeros has scale 1 and keeps its signs", arguments: ScaleRounding.allCases)
    func zeros(rounding: ScaleRounding) throws {
        let tensor = HostTensor([0, -0.0, 0] as [Float], shape: [1, 3])
        let quantized = try BlockQuantizedTensor(
            quantizing: tensor,
            block: .tokenGroup,
            scaleRounding: rounding
        )
        #expect(quantized.scales.elements() == [1 as Float])
        #expect(quantized.dequantized() == tensor)
    }

    @Test(
        "infinities and NaN become NaN and leave their neighbours alone",
        arguments: ScaleRounding.allCases
    )
    func nonFinite(rounding: ScaleRounding) throws {
        let values: [Float] = [.infinity, 448, -.infinity, 1, .nan, -2]
        let quantized = try BlockQuantizedTensor(
            quantizing: HostTensor(values, shape: [1, 6]),
            block: .tokenGroup,
            scaleRounding: rounding
        )
        #expect(quantized.scales.elements() == [1 as Float])
        let output = quantized.dequantized().elements(of: Float.self)
        #expect(output[0].isNaN && output[2].isNaN && output[4].isNaN)
        #expect([output[1], output[3], output[5]] == [448, 1, -2])
        let only = try BlockQuantizedTensor(
            quantizing: HostTensor([Float.nan, .infinity], shape: [1, 2]),
            block: .tokenGroup,
            scaleRounding: rounding
        )
        #expect(only.scales.elements() == [1 as Float])
    }

    @Test(
        "the smallest and the largest floats keep usable scales",
        arguments: ScaleRounding.allCases
    )
    func extremes(rounding: ScaleRounding) throws {
        for value: Float in [
            .leastNonzeroMagnitude, .leastNormalMagnitude, 0x1.EFp127,
        ] {
            let quantized = try BlockQuantizedTensor(
                quantizing: HostTensor([value, -value], shape: [1, 2]),
                block: .tokenGroup,
                scaleRounding: rounding
            )
            let scale = quantized.scales.elements(of: Float.self)[0]
            #expect(scale >= .leastNormalMagnitude && scale < .infinity)
            let output = quantized.dequantized().elements(of: Float.self)
            #expect(output[0] == -output[1])
            #expect((output[0] - value).magnitude <= max(value * 0x1p-4, scale * 0x1p-10))
        }
    }

    @Test("leading axes are matrices of their own; one axis is one row")
    func leadingAxes() throws {
        let stack = Self.random([2, 3, 130, 200])
        let block = BlockShape.weightTile
        let whole = try BlockQuantizedTensor(quantizing: stack, block: block)
        #expect(whole.scales.shape == [2, 3, 2, 2])
        for outer in 0..<2 {
            for inner in 0..<3 {
                func part(_ tensor: HostTensor) throws -> HostTensor {
                    let first = try tensor.slice(axis: 0, from: outer, count: 1)
                    let second = try first.slice(axis: 1, from: inner, count: 1)
                    return try second.reshaped(to: Array(tensor.shape.dropFirst(2)))
                }
                let single = try BlockQuantizedTensor(quantizing: part(stack), block: block)
                #expect(try part(whole.values) == single.values)
                #expect(try part(whole.scales) == single.scales)
                #expect(try part(whole.dequantized()) == single.dequantized())
            }
        }
        let row = try BlockQuantizedTensor(quantizing: Self.random([300]), block: .tokenGroup)
        #expect(row.scales.shape == [3])
        #expect(row.dequantized().shape == [300])
    }

    @Test("bf16 and transposed inputs quantise as their row-major float32 copies do")
    func otherLayouts() throws {
        let tensor = Self.random([130, 70]).converted(to: .bfloat16)
        let plain = tensor.converted(to: .float32).transposed().contiguous()
        let expected = try BlockQuantizedTensor(quantizing: plain, block: .tokenGroup)
        #expect(
            try BlockQuantizedTensor(quantizing: tensor.transposed(), block: .tokenGroup)
                == expected
        )
    }

    @Test(
        "dequantising to bf16 is dequantising to float32, rounded",
        arguments: [DType.bfloat16, .float16]
    )
    func narrowResult(dtype: DType) throws {
        let quantized = try BlockQuantizedTensor(
            quantizing: Self.random([70, 300]),
            block: .weightTile
        )
        #expect(quantized.dequantized(to: dtype) == quantized.dequantized().converted(to: dtype))
    }

    @Test("empty matrices have no blocks", arguments: [[0, 128], [4, 0], [0, 0], [0]])
    func empty(shape: [Int]) throws {
        let quantized = try BlockQuantizedTensor(
            quantizing: HostTensor(zeros: shape),
            block: .weightTile
        )
        #expect(quantized.dequantized().shape == shape)
        #expect(quantized.scales.elementCount == 0)
    }

    @Test("scalars, scales of a wrong shape and integers are refused")
    func refused() throws {
        let scalar = HostTensor([1 as Float], shape: [])
        #expect(throws: TensorError.self) {
            try BlockQuantizedTensor(quantizing: scalar, block: .tokenGroup)
        }
        let values = HostTensor(zeros: [3, 300], dtype: .float8E4M3)
        for (scales, code) in [
            (HostTensor(zeros: [3, 2]), TensorErrorCode.shapeMismatch),
            (HostTensor(zeros: [3, 3], dtype: .int32), .dtypeMismatch),
        ] {
            let error = #expect(throws: TensorError.self) {
                try BlockQuantizedTensor(values: values, scales: scales, block: .tokenGroup)
            }
            #expect(error?.code == code)
        }
        let error = #expect(throws: TensorError.self) {
            try BlockQuantizedTensor(values: scalar, scales: scalar, block: .tokenGroup)
        }
        #expect(error?.code == .shapeMismatch)
    }
}
