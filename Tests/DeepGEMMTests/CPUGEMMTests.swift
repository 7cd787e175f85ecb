import DeepGEMM
import InfraCore
import Tensors
import Testing

@Suite("Products on the CPU")
struct CPUGEMMTests {
    static func random(_ shape: [Int], seed: UInt64) -> HostTensor {
        var random = SeededRandom(seed: seed)
        return HostTensor((0..<shape.reduce(1, *)).map { _ in random.normal() }, shape: shape)
    }

    /// The product of the unquantised matrices, summed in binary64.
    static func reference(_ a: HostTensor, _ b: HostTensor) -> HostTensor {
        let (m, n, k) = (a.shape[0], b.shape[0], a.shape[1])
        let left = a.elements(of: Float.self)
        let right = b.elements(of: Float.self)
        var result = [Float](repeating: 0, count: m * n)
        for i in 0..<m {
            for j in 0..<n {
                var sum = 0.0
                for l in 0..<k { sum += Double(left[i * k + l]) * Double(right[j * k + l]) }
                result[i * n + j] = Float(sum)
            }
        }
        return HostTensor(result, shape: [m, n])
    }

    @Test(
        "Quantised products differ from the unquantised by less than 1e-3",
        arguments: [
            GEMMShape(m: 1, n: 136, k: 1024), GEMMShape(m: 3, n: 24, k: 1040),
            GEMMShape(m: 65, n: 136, k: 256), GEMMShape(m: 33, n: 40, k: 7168),
        ]
    )
    func dense(shape: GEMMShape) throws {
        let a = Self.random([shape.m, shape.k], seed: 1)
        let b = Self.random([shape.n, shape.k], seed: 2)
        let expected = Self.reference(a, b)
        let (qa, qb) = (try QuantizedRows(quantizing: a), try QuantizedBlocks(quantizing: b))
        for output in [GEMMOutput.bfloat16, .float32] {
            let d = try CPUGEMM.multiply(qa, qb, output: output)
            #expect(d.dtype == output.dtype)
            let difference = ProductDifference.cosine(d, expected)
            #expect(difference < 1e-3)
            #expect(difference > 0)
        }
        var sum = HostTensor([Float](repeating: 2, count: shape.m * shape.n), shape: expected.shape)
        try CPUGEMM.add(qa, qb, to: &sum)
        let product = try CPUGEMM.multiply(qa, qb, output: .float32).elements(of: Float.self)
        for (total, part) in zip(sum.elements(of: Float.self), product) {
            #expect(abs(total - part - 2) <= 1e-4 * max(1, abs(part)))
        }
    }

    @Test("Rows sorted by group equal one product a group; padding is zero")
    func contiguous() throws {
        let counts = [130, 0, 5]
        let groups = ContiguousGroups(counts: counts)
        #expect(groups.rowGroups.count == 384)
        let a = Self.random([384, 256], seed: 3)
        let b = Self.random([3, 16, 256], seed: 4)
        let (qa, qb) = (try QuantizedRows(quantizing: a), try QuantizedBlocks(quantizing: b))
        let d = try CPUGEMM.multiply(qa, qb, groups: groups)
        for (group, start) in [(0, 0), (2, 256)] {
            let count = counts[group]
            let rows = try QuantizedRows(quantizing: a.slice(axis: 0, from: start, count: count))
            let matrix = try b.slice(axis: 0, from: group, count: 1).reshaped(to: [16, 256])
            let alone = try CPUGEMM.multiply(rows, QuantizedBlocks(quantizing: matrix))
            let part = try d.slice(axis: 0, from: start, count: count)
            #expect(try part.maximumDifference(to: alone) == 0)
        }
        let padding = try d.slice(axis: 0, from: 261, count: 123).contiguous()
        #expect(padding.elements(of: BFloat16.self).allSatisfy { $0.floatValue == 0 })
    }

    @Test("Masked groups use their valid rows alone")
    func masked() throws {
        let counts = [4, 0, 1]
        let a = Self.random([3, 4, 128], seed: 5)
        let b = Self.random([3, 8, 128], seed: 6)
        let d = try CPUGEMM.multiply(
            QuantizedRows(quantizing: a),
            QuantizedBlocks(quantizing: b),
            counts: counts
        )
        for group in 0..<3 {
            let rows = try a.slice(axis: 0, from: group, count: 1).reshaped(to: [4, 128])
            let matrix = try b.slice(axis: 0, from: group, count: 1).reshaped(to: [8, 128])
            let alone = try CPUGEMM.multiply(
                QuantizedRows(quantizing: rows),
                QuantizedBlocks(quantizing: matrix)
            ).elements(of: BFloat16.self)
            let part = try d.slice(axis: 0, from: group, count: 1).contiguous()
                .elements(of: BFloat16.self)
            let valid = counts[group] * 8
            #expect(part[..<valid].elementsEqual(alone[..<valid]))
            #expect(part[valid...].allSatisfy { $0.floatValue == 0 })
        }
    }

    @Test("Errors name the argument, what was found and what is allowed")
    func errors() throws {
        let a = try QuantizedRows(quantizing: HostTensor(zeros: [4, 128]))
        let b = try QuantizedBlocks(quantizing: HostTensor(zeros: [8, 256]))
        #expect {
            try CPUGEMM.multiply(a, b)
        } throws: { error in
            (error as? GEMMError)?.code == .shapeMismatch
                && "\(error)".contains("A is [4, 128] and B is [8, 256]")
        }
        let wrongBlocks = try BlockQuantizedTensor(
            quantizing: HostTensor(zeros: [4, 128]),
            block: .weightTile
        )
        #expect {
            try QuantizedRows(wrongBlocks)
        } throws: { error in
            (error as? GEMMError)?.code == .dtypeMismatch && "\(error)".contains("1x128")
        }
        #expect {
            try ContiguousGroups(rowGroups: [0, 1], groupCount: 2)
        } throws: { error in
            (error as? GEMMError)?.code == .outOfRange && "\(error)".contains("rowGroups[1] is 1")
        }
        #expect {
            try ContiguousGroups(rowGroups: [2], groupCount: 2)
        } throws: { error in
            "\(error)".contains("below 2")
        }
        let grouped = try QuantizedBlocks(quantizing: HostTensor(zeros: [2, 8, 128]))
        let planes = try QuantizedRows(quantizing: HostTensor(zeros: [2, 4, 128]))
        #expect {
            try CPUGEMM.multiply(planes, grouped, counts: [5, 0])
        } throws: { error in
            (error as? GEMMError)?.code == .outOfRange && "\(error)".contains("counts[0] is 5")
        }
        #expect {
            try CPUGEMM.multiply(a, grouped, groups: ContiguousGroups(counts: [128]))
        } throws: { error in
            (error as? GEMMError)?.code == .shapeMismatch && "\(error)".contains("128 rows")
        }
    }

    @Test("The difference is zero for equal, one for unrelated and NaN for unwritten results")
    func difference() {
        let x = HostTensor([Float(1), 0], shape: [2])
        let y = HostTensor([Float(0), 1], shape: [2])
        #expect(ProductDifference.cosine(x, x) == 0)
        #expect(ProductDifference.cosine(x, y) == 1)
        #expect(ProductDifference.cosine(x, HostTensor([Float.nan, 0], shape: [2])).isNaN)
        #expect(ProductDifference.cosine(HostTensor(zeros: [2]), HostTensor(zeros: [2])) == 0)
    }
}
