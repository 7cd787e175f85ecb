import Synchronization

/// Remembers the tokens of pieces already seen: words repeat.
final class PieceCache: Sendable {
    /// How many pieces are remembered; further ones are computed each time.
    static let capacity = 65_536
    /// The longest piece remembered, in bytes; longer ones hardly repeat.
    static let maximumPieceByteCount = 256

    private let entries = Mutex<[ByteString: [Int32]]>([:])

    /// The tokens of a piece, from the cache or from `compute`.
    func tokens(of piece: ByteString, _ compute: (ByteString) -> [Int32]) -> [Int32] {
        guard piece.bytes.count <= Self.maximumPieceByteCount else { return compute(piece) }
        if let known = entries.withLock({ $0[piece] }) { return known }
        let tokens = compute(piece)
        entries.withLock { entries in
            if entries.count < Self.capacity { entries[piece] = tokens }
        }
        return tokens
    }
}
