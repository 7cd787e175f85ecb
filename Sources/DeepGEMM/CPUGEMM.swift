import InfraCore
public import Tensors

/// The products on the CPU: operands dequantised exactly, multiplied by OpenBLAS in FP32. The
/// reference of the tests and the path of machines without a GPU.
public enum CPUGEMM {
    /// `D[M, N] = A[M, K] * B[N, K]^T`.
    ///
    /// - Parameters:
    ///   - a: `[M, K]`.
    ///   - b: `[N, K]`.
    ///   - output: D's dtype; for ``GEMMOutput/accumulatedFloat32`` use ``add(_:_:to:)``.
    /// - Returns: D, row-major.
    /// - Throws: ``GEMMErrorCode/shapeMismatch`` (a `GEMMError`), or a `TensorError` if there is no
    ///   BLAS library.
    public static func multiply(
        _ a: QuantizedRows,
        _ b: QuantizedBlocks,
        output: GEMMOutput = .bfloat16
    ) throws -> HostTensor {
        _ = try shape(a, b)
        return try HostTensor.matrixMultiply(
            a.tensor.dequantized(),
            b.tensor.dequantized(),
            transposeB: true
        ).converted(to: output.dtype)
    }

    /// Adds `A * B^T` to an FP32 matrix.
    ///
    /// - Parameters:
    ///   - a: `[M, K]`.
    ///   - b: `[N, K]`.
    ///   - d: `[M, N]`, float32.
    /// - Throws: As ``multiply(_:_:output:)``.
    public static func add(
        _ a: QuantizedRows,
        _ b: QuantizedBlocks,
        to d: inout HostTensor
    ) throws {
        let shape = try shape(a, b)
        guard d.shape == [shape.m, shape.n], d.dtype == .float32 else {
            throw GEMMError(
                .shapeMismatch,
                "D is \(d.dtype.rawValue) \(d.shape); it must be F32 [\(shape.m), \(shape.n)]"
            )
        }
        try d.addMatrixProduct(a.tensor.dequantized(), b.tensor.dequantized(), transposeB: true)
    }

    /// The product of rows sorted by group, each with its group's matrix.
    ///
    /// - Parameters:
    ///   - a: `[M, K]`.
    ///   - b: `[G, N, K]`.
    ///   - groups: The group of each of the M rows.
    /// - Returns: `[M, N]`, bfloat16; rows of padding are zero.
    /// - Throws: As ``multiply(_:_:output:)``.
    public static func multiply(
        _ a: QuantizedRows,
        _ b: QuantizedBlocks,
        groups: ContiguousGroups
    ) throws -> HostTensor {
        let (rows, n, k) = try groupedSizes(a, b, rank: 2)
        guard rows == groups.rowGroups.count else {
            throw GEMMError(
                .shapeMismatch,
                "groups names \(groups.rowGroups.count) rows; A has \(rows)"
            )
        }
        let left = a.tensor.dequantized()
        let right = b.tensor.dequantized()
        var result = HostTensor(zeros: [rows, n])
        var start = 0
        while start < rows {
            let group = groups.rowGroups[start]
            let end = groups.rowGroups[start...].firstIndex { $0 != group } ?? rows
            if group >= 0 {
                guard Int(group) < b.tensor.values.shape[0] else {
                    throw GEMMError(
                        .outOfRange,
                        "row \(start) belongs to group \(group); B has \(b.tensor.values.shape[0])"
                    )
                }
                let matrix = try right.slice(axis: 0, from: Int(group), count: 1)
                let part = try HostTensor.matrixMultiply(
                    left.slice(axis: 0, from: start, count: end - start),
                    matrix.reshaped(to: [n, k]),
                    transposeB: true
                )
                copy(part, to: &result, at: start * n)
            }
            start = end
        }
        return result.converted(to: .bfloat16)
    }

    /// The product of each group's first rows with the group's matrix.
    ///
    /// - Parameters:
    ///   - a: `[G, Mmax, K]`.
    ///   - b: `[G, N, K]`.
    ///   - counts: The valid rows of each group, at most Mmax.
    /// - Returns: `[G, Mmax, N]`, bfloat16; rows beyond a group's count are zero.
    /// - Throws: As ``multiply(_:_:output:)``; ``GEMMErrorCode/outOfRange`` for a count beyond Mmax.
    public static func multiply(
        _ a: QuantizedRows,
        _ b: QuantizedBlocks,
        counts: [Int]
    ) throws -> HostTensor {
        let (capacity, n, k) = try groupedSizes(a, b, rank: 3)
        let groupCount = b.tensor.values.shape[0]
        guard a.tensor.values.shape[0] == groupCount, counts.count == groupCount else {
            throw GEMMError(
                .shapeMismatch,
                "A has \(a.tensor.values.shape[0]) groups and counts \(counts.count); B has "
                    + "\(groupCount)"
            )
        }
        let left = a.tensor.dequantized()
        let right = b.tensor.dequantized()
        var result = HostTensor(zeros: [groupCount, capacity, n])
        for (group, count) in counts.enumerated() {
            guard count >= 0, count <= capacity else {
                throw GEMMError(
                    .outOfRange,
                    "counts[\(group)] is \(count); it must be 0 to \(capacity), A's rows a group"
                )
            }
            guard count > 0 else { continue }
            let rows = try left.slice(axis: 0, from: group, count: 1)
                .reshaped(to: [capacity, k])
                .slice(axis: 0, from: 0, count: count)
            let matrix = try right.slice(axis: 0, from: group, count: 1).reshaped(to: [n, k])
            let part = try HostTensor.matrixMultiply(rows, matrix, transposeB: true)
            copy(part, to: &result, at: group * capacity * n)
        }
        return result.converted(to: .bfloat16)
    }

    /// The sizes of a dense product.
    static func shape(_ a: QuantizedRows, _ b: QuantizedBlocks) throws(GEMMError) -> GEMMShape {
        let left = a.tensor.values.shape
        let right = b.tensor.values.shape
        guard left.count == 2, right.count == 2, left[1] == right[1] else {
            throw GEMMError(
                .shapeMismatch,
                "A is \(left) and B is \(right); they must be [M, K] and [N, K] with the same K"
            )
        }
        return GEMMShape(m: left[0], n: right[0], k: left[1])
    }

    private static func groupedSizes(
        _ a: QuantizedRows,
        _ b: QuantizedBlocks,
        rank: Int
    ) throws(GEMMError) -> (rows: Int, n: Int, k: Int) {
        let left = a.tensor.values.shape
        let right = b.tensor.values.shape
        guard left.count == rank, right.count == 3, left[rank - 1] == right[2] else {
            let expected = rank == 2 ? "[M, K]" : "[G, Mmax, K]"
            throw GEMMError(
                .shapeMismatch,
                "A is \(left) and B is \(right); they must be \(expected) and [G, N, K] with the "
                    + "same K"
            )
        }
        return (left[rank - 2], right[1], right[2])
    }

    private static func copy(_ part: HostTensor, to result: inout HostTensor, at offset: Int) {
        result.withUnsafeMutableElements(of: Float.self) { target in
            part.withUnsafeElements(of: Float.self) { source in
                guard let target = target.baseAddress, let source = source.baseAddress else {
                    return
                }
                (target + offset).update(from: source, count: part.elementCount)
            }
        }
    }
}
