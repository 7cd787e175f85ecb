import InfraCore

/// The sizes of `D[M, N] = A[M, K] * B[N, K]^T`.
public struct GEMMShape: Sendable, Hashable, Codable, CustomStringConvertible {
    /// Rows of A and D.
    public var m: Int
    /// Rows of B, columns of D.
    public var n: Int
    /// Columns of A and B.
    public var k: Int

    /// Names the sizes.
    public init(m: Int, n: Int, k: Int) {
        self.m = m
        self.n = n
        self.k = k
    }

    /// Multiplications and additions.
    public var operationCount: Double { 2 * Double(m) * Double(n) * Double(k) }

    /// Blocks of 128 along K, the last of which may be partial.
    public var blocksOfK: Int { (k + 127) / 128 }

    /// `M x N x K`.
    public var description: String { "\(m)x\(n)x\(k)" }

    /// What the copy engine needs: rows of A and B that are multiples of 16 bytes, as are D's.
    ///
    /// - Throws: ``GEMMErrorCode/misaligned``.
    func requireAlignment() throws(GEMMError) {
        guard k % 16 == 0 else {
            throw GEMMError(
                .misaligned,
                "K is \(k); FP8 operands on the GPU need a multiple of 16: pad with zeros to "
                    + "\((k + 15) / 16 * 16)"
            )
        }
        guard n % 8 == 0 else {
            throw GEMMError(
                .misaligned,
                "N is \(n); the GPU's results need a multiple of 8: pad B with rows of zeros to "
                    + "\((n + 7) / 8 * 8)"
            )
        }
    }
}
