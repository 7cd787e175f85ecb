public import InfraCore
public import Tensors

/// Multi-head attention with a causal mask, softmax(q kᵀ · scale) v, and its gradients.
///
/// Letters: B sequences of equal length, S query tokens each, T key tokens each (T ≥ S; the last
/// query sees all keys), H heads, D the width of queries and keys, V the width of values. Scores
/// are kept for the backward pass: B·H·S·T floats. Products accumulate in float32 by OpenBLAS;
/// softmax subtracts the row maximum.
public enum CausalAttention {
    /// What the backward pass needs of a forward pass.
    public struct Saved: Sendable {
        let q: HostTensor
        let k: HostTensor
        let v: HostTensor
        /// Softmax rows, `[B, H, S, T]`; zero above the causal diagonal.
        let probabilities: HostTensor
        let extent: Extent
    }

    /// The sizes of one call.
    struct Extent: Sendable {
        var sequences: Int
        var heads: Int
        var queries: Int
        var keys: Int
        var width: Int
        var valueWidth: Int
        var scale: Float

        /// How many keys the query at `row` sees.
        func visibleKeys(_ row: Int) -> Int { keys - queries + row + 1 }
    }

    /// Attends.
    ///
    /// - Parameters:
    ///   - q: Queries, `[B·S, H, D]`, float32.
    ///   - k: Keys, `[B·T, H, D]`, float32.
    ///   - v: Values, `[B·T, H, V]`, float32.
    ///   - sequenceCount: B, the number of equal sequences the rows fall into.
    ///   - scale: Multiplies the scores, usually D^-½.
    /// - Returns: The output `[B·S, H, V]`, and what ``inputGradients(_:saved:)`` needs.
    /// - Throws: ``OperatorErrorCode/shapeMismatch``, ``OperatorErrorCode/dtypeMismatch``, or
    ///   ``OperatorErrorCode/tensorFailure`` if OpenBLAS is missing.
    public static func forward(
        q: HostTensor,
        k: HostTensor,
        v: HostTensor,
        sequenceCount: Int = 1,
        scale: Float
    ) throws(OperatorError) -> (output: HostTensor, saved: Saved) {
        let extent = try extent(q, k, v, sequenceCount, scale)
        let blas = try tensors { () throws(TensorError) in try BLAS.shared() }
        let e = extent
        var output = HostTensor(uninitialized: [e.sequences * e.queries, e.heads, e.valueWidth])
        var probabilities = HostTensor(
            uninitialized: [e.sequences, e.heads, e.queries, e.keys]
        )
        reading(q, k, v) { q, k, v in
            writing(&output) { output in
                writing(&probabilities) { probabilities in
                    forEachHead(e) { sequence, head in
                        let p = probabilities + (sequence * e.heads + head) * e.queries * e.keys
                        blas.gemm(
                            transposeB: true,
                            m: e.queries,
                            n: e.keys,
                            k: e.width,
                            alpha: e.scale,
                            q + (sequence * e.queries * e.heads + head) * e.width,
                            lda: e.heads * e.width,
                            k + (sequence * e.keys * e.heads + head) * e.width,
                            ldb: e.heads * e.width,
                            p,
                            ldc: e.keys
                        )
                        for row in 0..<e.queries {
                            softmax(p + row * e.keys, visible: e.visibleKeys(row), of: e.keys)
                        }
                        blas.gemm(
                            m: e.queries,
                            n: e.valueWidth,
                            k: e.keys,
                            p,
                            lda: e.keys,
                            v + (sequence * e.keys * e.heads + head) * e.valueWidth,
                            ldb: e.heads * e.valueWidth,
                            output + (sequence * e.queries * e.heads + head) * e.valueWidth,
                            ldc: e.heads * e.valueWidth
                        )
                    }
                }
            }
        }
        return (
            output, Saved(q: q, k: k, v: v, probabilities: probabilities, extent: extent)
        )
    }

    /// The gradients of queries, keys and values.
    ///
    /// With P the probabilities: dV = Pᵀ dO, dP = dO Vᵀ, dS = P ∘ (dP − Σ P ∘ dP),
    /// dQ = scale · dS K, dK = scale · dSᵀ Q.
    ///
    /// - Parameters:
    ///   - dy: The gradient of the output, `[B·S, H, V]`.
    ///   - saved: What the forward pass returned.
    /// - Returns: Gradients in the shapes of `q`, `k` and `v`.
    /// - Throws: ``OperatorErrorCode/shapeMismatch``, ``OperatorErrorCode/dtypeMismatch``, or
    ///   ``OperatorErrorCode/tensorFailure`` if OpenBLAS is missing.
    public static func inputGradients(
        _ dy: HostTensor,
        saved: Saved
    ) throws(OperatorError) -> (q: HostTensor, k: HostTensor, v: HostTensor) {
        let e = saved.extent
        try require(dy, "dy", [e.sequences * e.queries, e.heads, e.valueWidth])
        let blas = try tensors { () throws(TensorError) in try BLAS.shared() }
        var dq = HostTensor(uninitialized: saved.q.shape)
        var dk = HostTensor(uninitialized: saved.k.shape)
        var dv = HostTensor(uninitialized: saved.v.shape)
        var dScores = HostTensor(uninitialized: [e.queries, e.keys])
        reading(saved.q, saved.k, saved.v) { q, k, v in
            reading(dy, saved.probabilities) { dy, probabilities in
                writing(&dq) { dq in
                    writing(&dk) { dk in
                        writing(&dv) { dv in
                            writing(&dScores) { dScores in
                                forEachHead(e) { sequence, head in
                                    let unit = sequence * e.heads + head
                                    let queryRow = sequence * e.queries * e.heads + head
                                    let keyRow = sequence * e.keys * e.heads + head
                                    headGradients(
                                        blas,
                                        e,
                                        p: probabilities + unit * e.queries * e.keys,
                                        q: q + queryRow * e.width,
                                        k: k + keyRow * e.width,
                                        v: v + keyRow * e.valueWidth,
                                        dy: dy + queryRow * e.valueWidth,
                                        dScores: dScores,
                                        dq: dq + queryRow * e.width,
                                        dk: dk + keyRow * e.width,
                                        dv: dv + keyRow * e.valueWidth
                                    )
                                }
                            }
                        }
                    }
                }
            }
        }
        return (dq, dk, dv)
    }

    private static func headGradients(
        _ blas: BLAS,
        _ e: Extent,
        p: UnsafePointer<Float>,
        q: UnsafePointer<Float>,
        k: UnsafePointer<Float>,
        v: UnsafePointer<Float>,
        dy: UnsafePointer<Float>,
        dScores: UnsafeMutablePointer<Float>,
        dq: UnsafeMutablePointer<Float>,
        dk: UnsafeMutablePointer<Float>,
        dv: UnsafeMutablePointer<Float>
    ) {
        let (keyStride, valueStride) = (e.heads * e.width, e.heads * e.valueWidth)
        blas.gemm(
            transposeA: true,
            m: e.keys,
            n: e.valueWidth,
            k: e.queries,
            p,
            lda: e.keys,
            dy,
            ldb: valueStride,
            dv,
            ldc: valueStride
        )
        blas.gemm(
            transposeB: true,
            m: e.queries,
            n: e.keys,
            k: e.valueWidth,
            dy,
            lda: valueStride,
            v,
            ldb: valueStride,
            dScores,
            ldc: e.keys
        )
        for row in 0..<e.queries {
            let (p, d) = (p + row * e.keys, dScores + row * e.keys)
            let visible = e.visibleKeys(row)
            let mean = dot(p, d, visible)
            for i in 0..<visible { d[i] = p[i] * (d[i] - mean) }
            for i in visible..<e.keys { d[i] = 0 }
        }
        blas.gemm(
            m: e.queries,
            n: e.width,
            k: e.keys,
            alpha: e.scale,
            dScores,
            lda: e.keys,
            k,
            ldb: keyStride,
            dq,
            ldc: keyStride
        )
        blas.gemm(
            transposeA: true,
            m: e.keys,
            n: e.width,
            k: e.queries,
            alpha: e.scale,
            dScores,
            lda: e.keys,
            q,
            ldb: keyStride,
            dk,
            ldc: keyStride
        )
    }

    private static func forEachHead(_ e: Extent, _ body: (Int, Int) -> Void) {
        for sequence in 0..<e.sequences {
            for head in 0..<e.heads { body(sequence, head) }
        }
    }

    private static func extent(
        _ q: HostTensor,
        _ k: HostTensor,
        _ v: HostTensor,
        _ sequences: Int,
        _ scale: Float
    ) throws(OperatorError) -> Extent {
        try require(q, "q", [-1, -1, -1])
        try require(k, "k", [-1, q.shape[1], q.shape[2]])
        try require(v, "v", [k.shape[0], q.shape[1], -1])
        guard sequences > 0, q.shape[0].isMultiple(of: sequences),
            k.shape[0].isMultiple(of: sequences), k.shape[0] >= q.shape[0]
        else {
            throw OperatorError(
                .shapeMismatch,
                "\(q.shape[0]) queries and \(k.shape[0]) keys do not divide into \(sequences) "
                    + "sequences with at least as many keys as queries"
            )
        }
        return Extent(
            sequences: sequences,
            heads: q.shape[1],
            queries: q.shape[0] / sequences,
            keys: k.shape[0] / sequences,
            width: q.shape[2],
            valueWidth: v.shape[2],
            scale: scale
        )
    }
}

/// Replaces the first `visible` scores of a row by their softmax and the others by zero.
func softmax(_ row: UnsafeMutablePointer<Float>, visible: Int, of count: Int) {
    var maximum = -Float.infinity
    for i in 0..<visible { maximum = max(maximum, row[i]) }
    let sum = exponentials(row, row, visible, minus: maximum)
    let inverse = 1 / sum
    for i in 0..<visible { row[i] *= inverse }
    for i in visible..<count { row[i] = 0 }
}
