import FoundationEssentials

/// The rare texts that have backslashes in them.
enum JSONEscapes {
    /// The text that JSON's escapes stand for; as written if they are not JSON's.
    static func unescaped(_ bytes: UnsafeRawBufferPointer) -> String {
        let quote = UInt8(ascii: "\"")
        let list = [UInt8(ascii: "["), quote] + Array(bytes) + [quote, UInt8(ascii: "]")]
        let texts = try? JSONDecoder().decode([String].self, from: Data(list))
        return texts?.first ?? String(decoding: bytes, as: UTF8.self)
    }
}
