import InfraCore

/// What bytes a token of the vocabulary stands for: `decoder` of tokenizer.json.
///
/// Supported are `ByteLevel`, `ByteFallback`, `Fuse`, `Replace`, and `Sequence`. Without a decoder
/// the alphabet of the pre-tokenizer decides.
struct TokenDecoding: Sendable {
    private enum Step: Sendable {
        case byteLevel
        case byteFallback
        case replace([UInt8], [UInt8])
    }
    private var steps: [Step] = []

    init(_ object: JSONObject?, isByteLevel: Bool) throws(ModelError) {
        if let object {
            try add(object)
        } else if isByteLevel {
            steps = [.byteLevel]
        }
    }

    private mutating func add(_ object: JSONObject) throws(ModelError) {
        switch try object.string("type") {
        case "Sequence":
            for (index, element) in (try object.array("decoders") ?? []).enumerated() {
                let location = object.path("decoders[\(index)]")
                try add(try JSONObject(element, location: location, isRoot: false))
            }
        case "ByteLevel": steps.append(.byteLevel)
        case "ByteFallback": steps.append(.byteFallback)
        case "Fuse": break
        case "Replace":
            guard let literal = try object.object("pattern")?.string("String"), !literal.isEmpty
            else { throw object.unsupported("pattern", allowed: "{\"String\": ...}") }
            let content = try object.string("content") ?? ""
            steps.append(.replace(Array(literal.utf8), Array(content.utf8)))
        default:
            throw object.unsupported(
                "type",
                allowed: "ByteLevel, ByteFallback, Fuse, Replace, Sequence"
            )
        }
    }

    /// The bytes of a token.
    func bytes(of token: String) -> [UInt8] {
        var bytes = Array(token.utf8)
        for step in steps {
            switch step {
            case .byteLevel:
                // Names with other letters, as special tokens have, stand for themselves.
                return ByteAlphabet.bytes(of: token) ?? bytes
            case .byteFallback:
                if let byte = Self.namedByte(bytes) { return [byte] }
            case .replace(let literal, let content):
                bytes = Self.replace(literal, in: bytes, with: content)
            }
        }
        return bytes
    }

    /// The byte of a token written `<0xE4>`.
    private static func namedByte(_ token: [UInt8]) -> UInt8? {
        guard token.count == 6, token.starts(with: Array("<0x".utf8)),
            token[5] == UInt8(ascii: ">")
        else { return nil }
        return UInt8(String(decoding: token[3..<5], as: UTF8.self), radix: 16)
    }

    private static func replace(
        _ literal: [UInt8],
        in bytes: [UInt8],
        with content: [UInt8]
    ) -> [UInt8] {
        var result: [UInt8] = []
        var position = 0
        while position < bytes.count {
            if bytes[position...].starts(with: literal) {
                result += content
                position += literal.count
            } else {
                result.append(bytes[position])
                position += 1
            }
        }
        return result
    }
}
