/// The letters that byte-level vocabularies write bytes with.
///
/// Printable Latin-1 characters stand for themselves; the other 68 bytes are numbered from U+0100
/// on, in order (the scheme of GPT-2's encoder).
enum ByteAlphabet {
    /// The letter of each byte.
    static let letters: [Unicode.Scalar] = {
        var letters: [Unicode.Scalar] = []
        var next: UInt16 = 0x100
        for byte in UInt8.min...UInt8.max {
            switch byte {
            case 0x21...0x7E, 0xA1...0xAC, 0xAE...0xFF:
                letters.append(Unicode.Scalar(byte))
            default:
                // All values lie between U+0100 and U+0143, so none is a surrogate.
                letters.append(Unicode.Scalar(next) ?? "\u{FFFD}")
                next += 1
            }
        }
        return letters
    }()

    private static let bytes: [Unicode.Scalar: UInt8] = Dictionary(
        uniqueKeysWithValues: letters.enumerated().map { ($1, UInt8($0)) }
    )

    /// The bytes a token of a byte-level vocabulary stands for; `nil` if it holds other letters.
    static func bytes(of token: String) -> [UInt8]? {
        var result: [UInt8] = []
        for scalar in token.unicodeScalars {
            guard let byte = bytes[scalar] else { return nil }
            result.append(byte)
        }
        return result
    }

    /// How a byte-level vocabulary writes these bytes.
    static func token(of bytes: some Sequence<UInt8>) -> String {
        var token = ""
        for byte in bytes { token.unicodeScalars.append(letters[Int(byte)]) }
        return token
    }
}
