public import CUDADriver
public import DeviceRuntime
import InfraCore
import Tensors

extension DeviceGEMM {
    /// `D[M, N] = A[M, K] * B[N, K]^T`.
    ///
    /// - Parameters:
    ///   - a: `[M, K]`; K is a multiple of 16.
    ///   - b: `[N, K]`; N is a multiple of 8.
    ///   - d: `[M, N]`: bfloat16 or float32, as `output` says.
    ///   - output: Whether D is overwritten or, in FP32, added to.
    ///   - plan: The kernel; `nil` for the heuristics' choice.
    ///   - stream: The order of the work.
    /// - Throws: A ``GEMMError`` for shapes or dtypes that do not fit, or an error of the device.
    public func multiply(
        _ a: DeviceQuantizedRows,
        _ b: DeviceQuantizedBlocks,
        into d: DeviceTensor,
        output: GEMMOutput = .bfloat16,
        plan: DensePlan? = nil,
        on stream: borrowing CUDAStream
    ) throws {
        let (planes, m, k) = a.sizes
        let (groups, n, columns) = b.sizes
        let shape = GEMMShape(m: m, n: n, k: k)
        guard planes == 1, groups == 1, columns == k, d.shape == [m, n] else {
            throw GEMMError(
                .shapeMismatch,
                "A is \(a.values.shape), B \(b.values.shape) and D \(d.shape); they must be "
                    + "[M, K], [N, K] and [M, N]"
            )
        }
        try require(d, output)
        try shape.requireAlignment()
        guard m > 0, n > 0 else { return }
        let chosen =
            plan
            ?? (output == .bfloat16
                ? GEMMHeuristics.dense(shape, multiprocessorCount: multiprocessorCount)
                : .tiled(TileConfiguration(blockN: 128, sets: 2, output: output)))
        switch chosen {
        case .tiled(let configuration):
            try tiled(configuration, a, b, d, layout: nil, on: stream)
        case .swapped(let configuration):
            try swapped(configuration, a, b, d, shape, on: stream)
        }
    }

    /// The product of rows sorted by group, each with its group's matrix.
    ///
    /// - Parameters:
    ///   - a: `[M, K]`.
    ///   - b: `[G, N, K]`.
    ///   - d: `[M, N]`, bfloat16; rows of padding keep what they hold or become meaningless.
    ///   - rowGroups: `[M]`, int32: each row's group, as in ``ContiguousGroups``.
    ///   - stream: The order of the work.
    /// - Throws: As ``multiply(_:_:into:output:plan:on:)``.
    public func multiply(
        _ a: DeviceQuantizedRows,
        _ b: DeviceQuantizedBlocks,
        into d: DeviceTensor,
        rowGroups: DeviceTensor,
        on stream: borrowing CUDAStream
    ) throws {
        let (_, m, k) = a.sizes
        let (_, n, columns) = b.sizes
        guard a.values.shape.count == 2, columns == k, d.shape == [m, n], rowGroups.shape == [m]
        else {
            throw GEMMError(
                .shapeMismatch,
                "A is \(a.values.shape), B \(b.values.shape), D \(d.shape) and rowGroups "
                    + "\(rowGroups.shape); they must be [M, K], [G, N, K], [M, N] and [M]"
            )
        }
        try require(d, .bfloat16)
        try requireLayout(rowGroups)
        let shape = GEMMShape(m: m, n: n, k: k)
        try shape.requireAlignment()
        guard m > 0, n > 0 else { return }
        let configuration = GEMMHeuristics.grouped(.contiguous, expectedRows: m, shape: shape)
        try tiled(configuration, a, b, d, layout: rowGroups, on: stream)
    }

    /// The product of each group's first rows with the group's matrix. The counts stay on the
    /// device: the call can be captured in a graph and replayed with other counts.
    ///
    /// - Parameters:
    ///   - a: `[G, Mmax, K]`.
    ///   - b: `[G, N, K]`.
    ///   - d: `[G, Mmax, N]`, bfloat16; rows beyond a group's count become meaningless.
    ///   - counts: `[G]`, int32: the valid rows of each group, at most Mmax.
    ///   - expectedRows: About how many rows a group has: decides the speed, not the result.
    ///   - stream: The order of the work.
    /// - Throws: As ``multiply(_:_:into:output:plan:on:)``.
    public func multiply(
        _ a: DeviceQuantizedRows,
        _ b: DeviceQuantizedBlocks,
        into d: DeviceTensor,
        counts: DeviceTensor,
        expectedRows: Int,
        on stream: borrowing CUDAStream
    ) throws {
        let (planes, m, k) = a.sizes
        let (groups, n, columns) = b.sizes
        guard a.values.shape.count == 3, planes == groups, columns == k,
            d.shape == [groups, m, n], counts.shape == [groups]
        else {
            throw GEMMError(
                .shapeMismatch,
                "A is \(a.values.shape), B \(b.values.shape), D \(d.shape) and counts "
                    + "\(counts.shape); they must be [G, Mmax, K], [G, N, K], [G, Mmax, N] and [G]"
            )
        }
        try require(d, .bfloat16)
        try requireLayout(counts)
        let shape = GEMMShape(m: m, n: n, k: k)
        try shape.requireAlignment()
        guard groups > 0, m > 0, n > 0 else { return }
        let configuration = GEMMHeuristics.grouped(
            .masked,
            expectedRows: expectedRows,
            shape: shape
        )
        try tiled(configuration, a, b, d, layout: counts, on: stream)
    }

    private func require(_ d: DeviceTensor, _ output: GEMMOutput) throws(GEMMError) {
        guard d.dtype == output.dtype else {
            throw GEMMError(
                .dtypeMismatch,
                "D is \(d.dtype.rawValue); it must be \(output.dtype.rawValue)"
            )
        }
    }

    private func requireLayout(_ layout: DeviceTensor) throws(GEMMError) {
        guard layout.dtype == .int32 else {
            throw GEMMError(
                .dtypeMismatch,
                "the groups are \(layout.dtype.rawValue); they must be I32"
            )
        }
    }
}
