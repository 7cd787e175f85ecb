public import InfraCore

/// A tokenizer without a vocabulary file: the 256 bytes, and three special tokens.
///
/// The identifier of a byte is its value. ``tokenizerJSON`` writes the same tokenizer as a
/// byte-level encoding without merges, so that a folder made with it needs no special case: this
/// package reads it back through ``BytePairTokenizer``, Hugging Face through `AutoTokenizer`.
public struct ByteTokenizer: Tokenizer {
    /// Whether encoding begins a text with ``beginningOfSequenceID``.
    public let addsBeginningOfSequence: Bool

    /// Creates the tokenizer.
    ///
    /// - Parameter addsBeginningOfSequence: Whether encoding begins a text with the special token
    ///   for it, unless the caller turns special tokens off.
    public init(addsBeginningOfSequence: Bool = true) {
        self.addsBeginningOfSequence = addsBeginningOfSequence
    }

    /// The names of the special tokens, in the order of their identifiers.
    public static let specialTokens = ["<|begin|>", "<|end|>", "<|pad|>"]

    /// 256 bytes and three special tokens.
    public var vocabularySize: Int { 256 + Self.specialTokens.count }
    /// 256.
    public var beginningOfSequenceID: Int? { 256 }
    /// 257.
    public var endOfSequenceID: Int? { 257 }
    /// 258: the token that fills unused places.
    public var paddingID: Int { 258 }
    /// 256, 257 and 258.
    public var specialTokenIDs: Set<Int> { [256, 257, 258] }

    private static let finder = AddedTokenFinder(
        specialTokens.enumerated().map {
            AddedToken(id: 256 + $0.offset, content: $0.element, isSpecial: true)
        }
    )

    /// The bytes of a text; a special token's name stands for it.
    public func encode(_ text: String, addSpecialTokens: Bool) throws(ModelError) -> [Int] {
        var ids: [Int] = addSpecialTokens && addsBeginningOfSequence ? [256] : []
        for part in Self.finder.parts(of: text) {
            switch part {
            case .token(let id): ids.append(id)
            case .text(let text): ids += text.utf8.lazy.map { Int($0) }
            }
        }
        return ids
    }

    /// One byte, or the name of a special token.
    public func bytes(of id: Int) throws(ModelError) -> [UInt8] {
        switch id {
        case 0..<256: return [UInt8(id)]
        case 256..<vocabularySize: return Array(Self.specialTokens[id - 256].utf8)
        default:
            throw ModelError(
                .invalidToken,
                "token id \(id) is outside the vocabulary; allowed: 0 to \(vocabularySize - 1)"
            )
        }
    }
}
