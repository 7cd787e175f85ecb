public import InfraCore

/// Turns text into token identifiers and back.
///
/// Thread-safe: every call may come from any thread.
public protocol Tokenizer: Sendable {
    /// One more than the largest identifier.
    var vocabularySize: Int { get }
    /// The token a sequence begins with, if there is one.
    var beginningOfSequenceID: Int? { get }
    /// The token that ends a sequence, if there is one.
    var endOfSequenceID: Int? { get }
    /// Tokens that steer the model and stand for no text.
    var specialTokenIDs: Set<Int> { get }

    /// The identifiers of a text.
    ///
    /// - Parameters:
    ///   - text: Any text; the empty one gives special tokens only.
    ///   - addSpecialTokens: Whether to add what the tokenizer puts around a text, such as the
    ///     token a sequence begins with. Special tokens spelled out in the text are recognised
    ///     either way.
    func encode(_ text: String, addSpecialTokens: Bool) throws(ModelError) -> [Int]

    /// The bytes one token stands for; a special token stands for its name.
    ///
    /// - Throws: ``ModelErrorCode/invalidToken`` for an identifier outside the vocabulary.
    func bytes(of id: Int) throws(ModelError) -> [UInt8]
}

extension Tokenizer {
    /// The identifiers of a text, with the special tokens around it.
    public func encode(_ text: String) throws(ModelError) -> [Int] {
        try encode(text, addSpecialTokens: true)
    }

    /// The text of identifiers. Bytes that are no UTF-8 become U+FFFD.
    ///
    /// - Parameters:
    ///   - ids: The identifiers.
    ///   - skipSpecialTokens: Whether special tokens are left out instead of named.
    /// - Throws: ``ModelErrorCode/invalidToken`` for an identifier outside the vocabulary.
    public func decode(
        _ ids: [Int],
        skipSpecialTokens: Bool = true
    ) throws(ModelError) -> String {
        var bytes: [UInt8] = []
        for id in ids where !(skipSpecialTokens && specialTokenIDs.contains(id)) {
            bytes += try self.bytes(of: id)
        }
        return String(decoding: bytes, as: UTF8.self)
    }
}
