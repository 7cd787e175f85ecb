import InfraCore
import Tensors
import Testing

@Suite("Matrix products")
struct MatrixMultiplyTests {
    private func random(_ shape: [Int], seed: UInt64) -> HostTensor {
        var random = SeededRandom(seed: seed)
        return HostTensor((0..<shape.reduce(1, *)).map { _ in random.normal() }, shape: shape)
    }

    /// op(A) op(B) by three loops in float64.
    private func reference(
        _ a: HostTensor,
        _ b: HostTensor,
        transposeA: Bool,
        transposeB: Bool
    ) -> [Double] {
        let a = (transposeA ? a.transposed() : a).contiguous()
        let b = (transposeB ? b.transposed() : b).contiguous()
        let (m, k, n) = (a.shape[0], a.shape[1], b.shape[1])
        let (x, y) = (a.elements(of: Float.self), b.elements(of: Float.self))
        return (0..<m * n).map { index in
            (0..<k).reduce(0) { sum, i in
                sum + Double(x[index / n * k + i]) * Double(y[i * n + index % n])
            }
        }
    }

    private func expectClose(
        _ found: HostTensor,
        _ expected: [Double],
        sourceLocation: SourceLocation = #_sourceLocation
    ) {
        let found = found.elements(of: Float.self)
        #expect(found.count == expected.count, sourceLocation: sourceLocation)
        let worst = zip(found, expected).map { abs(Double($0) - $1) }.max() ?? 0
        // Sums of at most 300 unit-sized products in float32.
        #expect(worst < 1e-4, sourceLocation: sourceLocation)
    }

    @Test(
        "agree with three loops, whichever operand is transposed",
        arguments: [(1, 1, 1), (3, 5, 7), (64, 33, 130), (1, 300, 2), (17, 1, 9)],
        [(false, false), (true, false), (false, true), (true, true)]
    )
    func product(sizes: (Int, Int, Int), transposed: (Bool, Bool)) throws {
        let (m, k, n) = sizes
        let a = random(transposed.0 ? [k, m] : [m, k], seed: 1)
        let b = random(transposed.1 ? [n, k] : [k, n], seed: 2)
        let c = try HostTensor.matrixMultiply(
            a,
            b,
            transposeA: transposed.0,
            transposeB: transposed.1
        )
        #expect(c.shape == [m, n])
        expectClose(c, reference(a, b, transposeA: transposed.0, transposeB: transposed.1))
    }

    @Test("read rows of a larger tensor in place, and columns through a copy")
    func views() throws {
        let whole = random([10, 12], seed: 3)
        let rows = try whole.slice(axis: 0, from: 2, count: 5)
        let columns = try whole.slice(axis: 1, from: 3, count: 5)
        let turned = whole.transposed()
        let b = random([12, 4], seed: 4)
        expectClose(
            try .matrixMultiply(rows, b),
            reference(rows, b, transposeA: false, transposeB: false)
        )
        expectClose(
            try .matrixMultiply(columns, rows, transposeA: false, transposeB: false),
            reference(columns, rows, transposeA: false, transposeB: false)
        )
        let d = random([10, 3], seed: 5)
        expectClose(
            try .matrixMultiply(turned, d),
            reference(turned, d, transposeA: false, transposeB: false)
        )
    }

    @Test("are added in place, and a shared operand stays as it was")
    func accumulation() throws {
        let (a, b) = (random([4, 6], seed: 6), random([6, 3], seed: 7))
        var c = random([4, 3], seed: 8)
        let before = c
        let product = try HostTensor.matrixMultiply(a, b).elements(of: Float.self)
        try c.addMatrixProduct(a, b)
        let expected = zip(before.elements(of: Float.self), product).map { Double($0 + $1) }
        expectClose(c, expected)
        #expect(before.elements(of: Float.self) != c.elements(of: Float.self))
    }

    @Test("over nothing are zero; of nothing are empty")
    func empty() throws {
        let zero = try HostTensor.matrixMultiply(
            HostTensor(zeros: [2, 0]),
            HostTensor(zeros: [0, 3])
        )
        #expect(zero.elements(of: Float.self) == [0, 0, 0, 0, 0, 0])
        #expect(
            try HostTensor.matrixMultiply(HostTensor(zeros: [0, 4]), HostTensor(zeros: [4, 3]))
                .shape == [0, 3]
        )
    }

    @Test("are refused when shapes or dtypes do not fit")
    func refusals() {
        let a = HostTensor(zeros: [2, 3])
        #expect(throws: TensorError.self) { try HostTensor.matrixMultiply(a, a) }
        #expect(throws: TensorError.self) {
            try HostTensor.matrixMultiply(a, HostTensor(zeros: [3]))
        }
        #expect(throws: TensorError.self) {
            try HostTensor.matrixMultiply(a, HostTensor(zeros: [3, 2], dtype: .bfloat16))
        }
        var c = HostTensor(zeros: [2, 2])
        #expect(throws: TensorError.self) {
            try c.addMatrixProduct(a, HostTensor(zeros: [3, 4]))
        }
        do {
            _ = try HostTensor.matrixMultiply(a, a)
        } catch {
            #expect(error.code == .shapeMismatch)
            #expect(error.message == "inner sizes differ in the product of [2, 3] and [2, 3]")
        }
    }

    @Test("need OpenBLAS, and its absence is an error that says how to get it")
    func missingLibrary() {
        do {
            _ = try BLAS(openingFirstOf: ["libabsent-blas.so.7"])
            Issue.record("an absent library was opened")
        } catch {
            #expect(error.code == .blasMissing)
            #expect("\(error)".contains("libabsent-blas.so.7"))
            #expect("\(error)".contains("apt-get install libopenblas0-pthread"))
        }
        do {
            _ = try BLAS(openingFirstOf: ["libm.so.6"])
            Issue.record("a library without sgemm was accepted")
        } catch {
            #expect("\(error)".contains("cblas_sgemm"))
        }
    }
}
