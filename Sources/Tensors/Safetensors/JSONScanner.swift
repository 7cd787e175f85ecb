import InfraCore

/// The JSON tokens a safetensors header is made of, read from bytes nobody vouches for.
struct JSONScanner {
    /// How deep values that the format does not define may nest.
    static let maximumDepth = 32

    private let bytes: UnsafeRawBufferPointer
    private var position = 0

    init(_ bytes: UnsafeRawBufferPointer) {
        self.bytes = bytes
    }

    /// An error that says where in the header it arose.
    func failure(_ message: String) -> TensorError {
        TensorError(.malformedFile, "\(message) (header byte \(position))")
    }

    /// Whether the very next byte is `character`; white space does not count.
    func isNext(_ character: Unicode.Scalar) -> Bool {
        position < bytes.count && bytes[position] == UInt8(ascii: character)
    }

    /// Checks that only white space is left.
    mutating func end() throws(TensorError) {
        skipSpace()
        guard position == bytes.count else { throw failure("text follows the header's object") }
    }

    /// Reads an object; `member` reads each value.
    mutating func object(
        _ member: (inout JSONScanner, String) throws(TensorError) -> Void
    ) throws(TensorError) {
        try expect("{")
        if accept("}") { return }
        repeat {
            let key = try string()
            try expect(":")
            try member(&self, key)
        } while accept(",")
        try expect("}")
    }

    /// Reads an array of integers that are not negative.
    mutating func naturals(atMost limit: Int) throws(TensorError) -> [Int] {
        var values: [Int] = []
        try expect("[")
        if accept("]") { return values }
        repeat {
            guard values.count < limit else {
                throw failure("a list holds more than the \(limit) numbers allowed")
            }
            values.append(try natural())
        } while accept(",")
        try expect("]")
        return values
    }

    /// Reads a string.
    mutating func string() throws(TensorError) -> String {
        try expect("\"")
        let start = position
        var hasEscapes = false
        while position < bytes.count {
            switch bytes[position] {
            case UInt8(ascii: "\""):
                let raw = UnsafeRawBufferPointer(rebasing: bytes[start..<position])
                position += 1
                return hasEscapes ? try unescaped(raw) : try validated(raw)
            case UInt8(ascii: "\\"):
                hasEscapes = true
                position += 2
            case 0..<0x20:
                throw failure("a string holds an unescaped control character")
            default:
                position += 1
            }
        }
        throw failure("a string does not end")
    }

    /// Skips any value.
    mutating func skipValue(depth: Int = 0) throws(TensorError) {
        guard depth < Self.maximumDepth else {
            throw failure("values nest deeper than the \(Self.maximumDepth) levels allowed")
        }
        skipSpace()
        if isNext("{") {
            try object { (scanner, _) throws(TensorError) in
                try scanner.skipValue(depth: depth + 1)
            }
        } else if isNext("[") {
            try expect("[")
            if accept("]") { return }
            repeat { try skipValue(depth: depth + 1) } while accept(",")
            try expect("]")
        } else if isNext("\"") {
            _ = try string()
        } else {
            try skipLiteral()
        }
    }
}

extension JSONScanner {
    private mutating func skipSpace() {
        while position < bytes.count {
            switch bytes[position] {
            case 0x20, 0x09, 0x0A, 0x0D: position += 1
            default: return
            }
        }
    }

    private mutating func accept(_ character: Unicode.Scalar) -> Bool {
        skipSpace()
        guard isNext(character) else { return false }
        position += 1
        return true
    }

    private mutating func expect(_ character: Unicode.Scalar) throws(TensorError) {
        guard accept(character) else {
            let found =
                position < bytes.count
                ? "byte 0x\(String(bytes[position], radix: 16))" : "the end of the header"
            throw failure("found \(found) where \(character) must stand")
        }
    }

    private mutating func natural() throws(TensorError) -> Int {
        skipSpace()
        let start = position
        var value = 0
        while position < bytes.count, case 0x30...0x39 = bytes[position] {
            let (tens, overflowed) = value.multipliedReportingOverflow(by: 10)
            let (sum, carried) = tens.addingReportingOverflow(Int(bytes[position] - 0x30))
            guard !overflowed, !carried else { throw failure("a number exceeds 2^63 - 1") }
            value = sum
            position += 1
        }
        let digits = position - start
        guard digits > 0, digits == 1 || bytes[start] != 0x30, !isNext("."), !isNext("e"),
            !isNext("E")
        else {
            throw failure("a size or offset is no plain decimal integer of at least 0")
        }
        return value
    }

    /// Numbers, `true`, `false` and `null` of members that the format does not define.
    private mutating func skipLiteral() throws(TensorError) {
        let start = position
        loop: while position < bytes.count {
            switch bytes[position] {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "0")...UInt8(ascii: "9"),
                UInt8(ascii: "-"), UInt8(ascii: "+"), UInt8(ascii: "."), UInt8(ascii: "E"):
                position += 1
            default: break loop
            }
        }
        let text = UnsafeRawBufferPointer(rebasing: bytes[start..<position])
        let word = String(decoding: text, as: UTF8.self)
        guard ["true", "false", "null"].contains(word) || Double(word) != nil else {
            throw failure("found \"\(word)\" where a value must stand")
        }
    }

    private func validated(_ raw: some Sequence<UInt8>) throws(TensorError) -> String {
        guard let text = String(validating: raw, as: UTF8.self) else {
            throw failure("a string is not UTF-8")
        }
        return text
    }

    private func unescaped(_ raw: UnsafeRawBufferPointer) throws(TensorError) -> String {
        var result: [UInt8] = []
        result.reserveCapacity(raw.count)
        var index = 0
        while index < raw.count {
            guard raw[index] == UInt8(ascii: "\\") else {
                result.append(raw[index])
                index += 1
                continue
            }
            let letter = raw[index + 1]
            index += 2
            switch letter {
            case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): result.append(letter)
            case UInt8(ascii: "b"): result.append(0x08)
            case UInt8(ascii: "f"): result.append(0x0C)
            case UInt8(ascii: "n"): result.append(0x0A)
            case UInt8(ascii: "r"): result.append(0x0D)
            case UInt8(ascii: "t"): result.append(0x09)
            case UInt8(ascii: "u"):
                let scalar = try unicodeEscape(raw, at: &index)
                result.append(contentsOf: UTF8.encode(scalar) ?? UTF8.encodedReplacementCharacter)
            default: throw failure("a string holds an unknown escape")
            }
        }
        return try validated(result)
    }

    /// Reads the four digits after `\u`, and the low half of a surrogate pair after a high one.
    private func unicodeEscape(
        _ raw: UnsafeRawBufferPointer,
        at index: inout Int
    ) throws(TensorError) -> Unicode.Scalar {
        let first = try hexadecimal(raw, at: &index)
        var code = UInt32(first)
        if UTF16.isLeadSurrogate(first) {
            guard index + 1 < raw.count, raw[index] == UInt8(ascii: "\\"),
                raw[index + 1] == UInt8(ascii: "u")
            else { throw failure("a string holds half a surrogate pair") }
            index += 2
            let second = try hexadecimal(raw, at: &index)
            guard UTF16.isTrailSurrogate(second) else {
                throw failure("a string holds half a surrogate pair")
            }
            code = 0x10000 + (UInt32(first) - 0xD800) << 10 + (UInt32(second) - 0xDC00)
        }
        guard let scalar = Unicode.Scalar(code) else {
            throw failure("a string holds half a surrogate pair")
        }
        return scalar
    }

    private func hexadecimal(
        _ raw: UnsafeRawBufferPointer,
        at index: inout Int
    ) throws(TensorError) -> UInt16 {
        guard index + 4 <= raw.count else { throw failure("a string holds a cut-off escape") }
        var value: UInt16 = 0
        for byte in raw[index..<index + 4] {
            guard let digit = Character(Unicode.Scalar(byte)).hexDigitValue, byte < 0x80 else {
                throw failure("a string holds an escape that is not hexadecimal")
            }
            value = value << 4 | UInt16(digit)
        }
        index += 4
        return value
    }
}
