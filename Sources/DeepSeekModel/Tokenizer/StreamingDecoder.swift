public import InfraCore

/// Decodes tokens one at a time, as they are generated.
///
/// A token may end within a character. Its bytes are held back until the character is complete,
/// so the pieces never contain half a character, and joined they equal the text decoded at once.
public struct StreamingDecoder: Sendable {
    private let tokenizer: any Tokenizer
    private let skipSpecialTokens: Bool
    private var pending: [UInt8] = []

    /// Creates a decoder that has seen nothing yet.
    ///
    /// - Parameters:
    ///   - tokenizer: Knows the bytes of each token.
    ///   - skipSpecialTokens: Whether special tokens are left out instead of named.
    public init(_ tokenizer: any Tokenizer, skipSpecialTokens: Bool = true) {
        self.tokenizer = tokenizer
        self.skipSpecialTokens = skipSpecialTokens
    }

    /// Takes the next token.
    ///
    /// - Returns: The characters that are complete now; often empty.
    /// - Throws: ``ModelErrorCode/invalidToken`` for an identifier outside the vocabulary.
    public mutating func append(_ id: Int) throws(ModelError) -> String {
        if skipSpecialTokens, tokenizer.specialTokenIDs.contains(id) { return "" }
        pending += try tokenizer.bytes(of: id)
        let complete = pending.count - Self.unfinishedByteCount(at: pending)
        let text = String(decoding: pending[..<complete], as: UTF8.self)
        pending.removeFirst(complete)
        return text
    }

    /// What is left when no more tokens come: U+FFFD if a character stayed incomplete.
    public mutating func finish() -> String {
        defer { pending = [] }
        return String(decoding: pending, as: UTF8.self)
    }

    /// How many bytes at the end are the beginning of a character whose rest may still come.
    private static func unfinishedByteCount(at bytes: [UInt8]) -> Int {
        for count in 1...3 where count <= bytes.count {
            let tail = bytes.suffix(count)
            guard let lead = tail.first, lead & 0b1100_0000 != 0b1000_0000 else { continue }
            let length =
                switch lead {
                case 0xC2...0xDF: 2
                case 0xE0...0xEF: 3
                case 0xF0...0xF4: 4
                default: 1
                }
            guard count < length else { return 0 }
            guard count > 1 else { return 1 }
            // The second byte's range excludes surrogates, overlong forms and values too large.
            let second = tail[tail.startIndex + 1]
            let isPossible =
                switch lead {
                case 0xE0: second >= 0xA0
                case 0xED: second < 0xA0
                case 0xF0: second >= 0x90
                case 0xF4: second < 0x90
                default: true
                }
            return isPossible ? count : 0
        }
        return 0
    }
}
