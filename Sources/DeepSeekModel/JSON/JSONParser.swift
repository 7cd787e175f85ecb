import InfraCore

/// Reads a JSON document (RFC 8259) from UTF-8 bytes.
///
/// Errors name the file, line and column. Nesting is limited to ``maximumDepth`` so that a hostile
/// file cannot exhaust the stack.
package struct JSONParser {
    /// How deeply arrays and objects may be nested.
    package static let maximumDepth = 128

    private let bytes: UnsafeBufferPointer<UInt8>
    private let file: String
    private var position = 0

    /// Parses a whole document.
    ///
    /// - Parameters:
    ///   - content: UTF-8 text.
    ///   - file: What to call the document in messages.
    /// - Throws: ``ModelErrorCode/malformedFile`` with line and column.
    package static func parse(_ content: [UInt8], file: String) throws(ModelError) -> JSONValue {
        try content.withUnsafeBufferPointer { (bytes) throws(ModelError) -> JSONValue in
            var parser = JSONParser(bytes: bytes, file: file)
            // A byte order mark is not JSON, but some editors add one.
            if bytes.starts(with: [0xEF, 0xBB, 0xBF]) { parser.position = 3 }
            let value = try parser.value(depth: 0)
            parser.skipBlanks()
            guard parser.position == bytes.count else {
                throw parser.failure("text after the end of the document")
            }
            return value
        }
    }

    private init(bytes: UnsafeBufferPointer<UInt8>, file: String) {
        self.bytes = bytes
        self.file = file
    }

    private func failure(_ problem: String) -> ModelError {
        let before = bytes[..<min(position, bytes.count)]
        let line = before.count { $0 == UInt8(ascii: "\n") } + 1
        let column = before.count - (before.lastIndex(of: UInt8(ascii: "\n")).map { $0 + 1 } ?? 0)
        return ModelError(
            .malformedFile,
            "\(file) is not valid JSON: \(problem) at line \(line), column \(column + 1)"
        )
    }

    private mutating func skipBlanks() {
        while position < bytes.count, [0x20, 0x09, 0x0A, 0x0D].contains(bytes[position]) {
            position += 1
        }
    }

    private var current: UInt8? { position < bytes.count ? bytes[position] : nil }

    private mutating func take(_ byte: UInt8) -> Bool {
        guard current == byte else { return false }
        position += 1
        return true
    }

    private mutating func value(depth: Int) throws(ModelError) -> JSONValue {
        guard depth <= Self.maximumDepth else {
            throw failure("nesting deeper than \(Self.maximumDepth)")
        }
        skipBlanks()
        switch current {
        case UInt8(ascii: "{"): return try object(depth: depth)
        case UInt8(ascii: "["): return try array(depth: depth)
        case UInt8(ascii: "\""): return .string(try string())
        case UInt8(ascii: "t"): return try word("true", .bool(true))
        case UInt8(ascii: "f"): return try word("false", .bool(false))
        case UInt8(ascii: "n"): return try word("null", .null)
        case nil: throw failure("unexpected end of text")
        default: return try number()
        }
    }

    private mutating func word(_ word: String, _ value: JSONValue) throws(ModelError) -> JSONValue {
        guard bytes[position...].starts(with: word.utf8) else {
            throw failure("an unknown word")
        }
        position += word.utf8.count
        return value
    }

    private mutating func object(depth: Int) throws(ModelError) -> JSONValue {
        position += 1
        var members: [JSONMember] = []
        skipBlanks()
        if take(UInt8(ascii: "}")) { return .object([]) }
        while true {
            skipBlanks()
            guard current == UInt8(ascii: "\"") else { throw failure("a name was expected") }
            let name = try string()
            skipBlanks()
            guard take(UInt8(ascii: ":")) else { throw failure("a colon was expected") }
            members.append(JSONMember(name, try value(depth: depth + 1)))
            skipBlanks()
            if take(UInt8(ascii: "}")) { return .object(members) }
            guard take(UInt8(ascii: ",")) else { throw failure("a comma or } was expected") }
        }
    }

    private mutating func array(depth: Int) throws(ModelError) -> JSONValue {
        position += 1
        var values: [JSONValue] = []
        skipBlanks()
        if take(UInt8(ascii: "]")) { return .array([]) }
        while true {
            values.append(try value(depth: depth + 1))
            skipBlanks()
            if take(UInt8(ascii: "]")) { return .array(values) }
            guard take(UInt8(ascii: ",")) else { throw failure("a comma or ] was expected") }
        }
    }

    private mutating func number() throws(ModelError) -> JSONValue {
        let start = position
        var isInteger = true
        scan: while let byte = current {
            switch byte {
            case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"): break
            case UInt8(ascii: "."), UInt8(ascii: "e"), UInt8(ascii: "E"), UInt8(ascii: "+"):
                isInteger = false
            default: break scan
            }
            position += 1
        }
        let text = String(decoding: bytes[start..<position], as: UTF8.self)
        if isInteger, let value = Int(text) { return .integer(value) }
        guard let value = Double(text), value.isFinite else {
            position = start
            throw failure("no valid value")
        }
        return .number(value)
    }

    private mutating func string() throws(ModelError) -> String {
        position += 1
        let start = position
        while let byte = current, byte != UInt8(ascii: "\""), byte != UInt8(ascii: "\\") {
            guard byte >= 0x20 else { throw failure("a control character in a string") }
            position += 1
        }
        // Most strings hold no escape and are taken in one piece.
        var content = try decode(start..<position)
        while let byte = current {
            if take(UInt8(ascii: "\"")) { return content }
            if byte == UInt8(ascii: "\\") {
                content.unicodeScalars.append(try escape())
                continue
            }
            let start = position
            while let byte = current, byte != UInt8(ascii: "\""), byte != UInt8(ascii: "\\") {
                guard byte >= 0x20 else { throw failure("a control character in a string") }
                position += 1
            }
            content += try decode(start..<position)
        }
        throw failure("a string without end")
    }

    private func decode(_ range: Range<Int>) throws(ModelError) -> String {
        guard let text = String(validating: bytes[range], as: UTF8.self) else {
            throw failure("a string that is not UTF-8")
        }
        return text
    }

    private mutating func escape() throws(ModelError) -> Unicode.Scalar {
        position += 1
        guard let kind = current else { throw failure("a string without end") }
        position += 1
        switch kind {
        case UInt8(ascii: "\""): return "\""
        case UInt8(ascii: "\\"): return "\\"
        case UInt8(ascii: "/"): return "/"
        case UInt8(ascii: "b"): return "\u{8}"
        case UInt8(ascii: "f"): return "\u{C}"
        case UInt8(ascii: "n"): return "\n"
        case UInt8(ascii: "r"): return "\r"
        case UInt8(ascii: "t"): return "\t"
        case UInt8(ascii: "u"):
            let unit = try hexadecimal()
            if let scalar = Unicode.Scalar(unit) { return scalar }
            // A character beyond the basic plane is written as a pair of surrogates.
            guard (0xD800..<0xDC00).contains(unit), take(UInt8(ascii: "\\")),
                take(UInt8(ascii: "u"))
            else { throw failure("half of a surrogate pair") }
            let low = try hexadecimal()
            guard (0xDC00..<0xE000).contains(low),
                let scalar = Unicode.Scalar(
                    0x10000 + (UInt32(unit - 0xD800) << 10) + UInt32(low - 0xDC00)
                )
            else { throw failure("half of a surrogate pair") }
            return scalar
        default: throw failure("an unknown escape")
        }
    }

    private mutating func hexadecimal() throws(ModelError) -> UInt16 {
        guard position + 4 <= bytes.count,
            let value = UInt16(
                String(decoding: bytes[position..<position + 4], as: UTF8.self),
                radix: 16
            )
        else { throw failure("an escape without four hexadecimal digits") }
        position += 4
        return value
    }
}
