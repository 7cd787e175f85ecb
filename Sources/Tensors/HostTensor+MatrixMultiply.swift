public import InfraCore

extension HostTensor {
    /// The product of two float32 matrices, by OpenBLAS.
    ///
    /// Accumulates in float32. Operands with gaps between elements are copied first; rows may be
    /// strided.
    ///
    /// - Parameters:
    ///   - a: `[m, k]`, or `[k, m]` if `transposeA`.
    ///   - b: `[k, n]`, or `[n, k]` if `transposeB`.
    ///   - transposeA: Whether to use the transpose of `a`.
    ///   - transposeB: Whether to use the transpose of `b`.
    /// - Returns: `[m, n]`, float32, row-major.
    /// - Throws: ``TensorErrorCode/shapeMismatch``, ``TensorErrorCode/dtypeMismatch``, or
    ///   ``TensorErrorCode/blasMissing``.
    public static func matrixMultiply(
        _ a: HostTensor,
        _ b: HostTensor,
        transposeA: Bool = false,
        transposeB: Bool = false
    ) throws(TensorError) -> HostTensor {
        let sizes = try productSizes(a, b, transposeA: transposeA, transposeB: transposeB)
        var c = HostTensor(uninitialized: [sizes.m, sizes.n])
        try multiply(a, b, transposeA, transposeB, sizes, beta: 0, into: &c)
        return c
    }

    /// Adds the product of two float32 matrices to this tensor, in place.
    ///
    /// - Parameters:
    ///   - a: `[m, k]`, or `[k, m]` if `transposeA`.
    ///   - b: `[k, n]`, or `[n, k]` if `transposeB`.
    ///   - transposeA: Whether to use the transpose of `a`.
    ///   - transposeB: Whether to use the transpose of `b`.
    /// - Throws: ``TensorErrorCode/shapeMismatch``, ``TensorErrorCode/dtypeMismatch``, or
    ///   ``TensorErrorCode/blasMissing``.
    public mutating func addMatrixProduct(
        _ a: HostTensor,
        _ b: HostTensor,
        transposeA: Bool = false,
        transposeB: Bool = false
    ) throws(TensorError) {
        let sizes = try Self.productSizes(a, b, transposeA: transposeA, transposeB: transposeB)
        guard shape == [sizes.m, sizes.n], dtype == .float32 else {
            throw TensorError(
                .shapeMismatch,
                "cannot add a product of shape [\(sizes.m), \(sizes.n)] to \(dtype.rawValue) "
                    + "\(shape)"
            )
        }
        try Self.multiply(a, b, transposeA, transposeB, sizes, beta: 1, into: &self)
    }

    private static func productSizes(
        _ a: HostTensor,
        _ b: HostTensor,
        transposeA: Bool,
        transposeB: Bool
    ) throws(TensorError) -> (m: Int, n: Int, k: Int) {
        guard a.dtype == .float32, b.dtype == .float32 else {
            throw TensorError(
                .dtypeMismatch,
                "matrix product of \(a.dtype.rawValue) and \(b.dtype.rawValue): both must be F32"
            )
        }
        guard a.rank == 2, b.rank == 2 else {
            throw TensorError(
                .shapeMismatch,
                "matrix product of shapes \(a.shape) and \(b.shape): both must have two axes"
            )
        }
        let m = a.shape[transposeA ? 1 : 0]
        let k = a.shape[transposeA ? 0 : 1]
        let n = b.shape[transposeB ? 0 : 1]
        guard b.shape[transposeB ? 1 : 0] == k else {
            throw TensorError(
                .shapeMismatch,
                "inner sizes differ in the product of \(a.shape)\(transposeA ? " transposed" : "")"
                    + " and \(b.shape)\(transposeB ? " transposed" : "")"
            )
        }
        return (m, n, k)
    }

    /// Whether BLAS can read the matrix as it is: rows may be far apart, elements may not.
    private var rowsAreDense: Bool { strides[1] == 1 && strides[0] >= max(1, shape[1]) }

    private static func multiply(
        _ a: HostTensor,
        _ b: HostTensor,
        _ transposeA: Bool,
        _ transposeB: Bool,
        _ sizes: (m: Int, n: Int, k: Int),
        beta: Float,
        into c: inout HostTensor
    ) throws(TensorError) {
        let blas = try BLAS.shared()
        let a = a.rowsAreDense ? a : a.contiguous()
        let b = b.rowsAreDense ? b : b.contiguous()
        c.withUnsafeMutableElements(of: Float.self) { output in
            guard let target = output.baseAddress else { return }
            blas.gemm(
                transposeA: transposeA,
                transposeB: transposeB,
                m: sizes.m,
                n: sizes.n,
                k: sizes.k,
                a.firstFloat,
                lda: max(1, a.strides[0]),
                b.firstFloat,
                ldb: max(1, b.strides[0]),
                beta: beta,
                target,
                ldc: max(1, sizes.n)
            )
        }
        // The pointers above do not keep the operands alive.
        withExtendedLifetime((a, b)) {}
    }

    private var firstFloat: UnsafePointer<Float> {
        UnsafePointer((storage.base + byteOffset).assumingMemoryBound(to: Float.self))
    }
}
