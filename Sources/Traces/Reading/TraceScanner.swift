/// Why a scanner stopped.
enum TraceScanStop: Error {
    /// The window ends inside the value.
    case incomplete
    /// The text is not what JSON, or a trace, would have there.
    case unexpected(at: Int, expected: StaticString)
}

/// Reads JSON values from a window of a trace. Positions are relative to the window's start.
///
/// Values that the analysis does not need are skipped without building anything; inside them only
/// what decides where they end is checked.
struct TraceScanner {
    let base: UnsafeRawPointer
    let end: Int
    var position: Int

    /// The byte at the position, without moving.
    var byte: UInt8 {
        @inline(__always) get throws(TraceScanStop) {
            guard position < end else { throw .incomplete }
            return base.load(fromByteOffset: position, as: UInt8.self)
        }
    }

    @inline(__always)
    mutating func skipSpace() {
        while position < end {
            let byte = base.load(fromByteOffset: position, as: UInt8.self)
            guard byte == 0x20 || byte == 0x0A || byte == 0x0D || byte == 0x09 else { return }
            position += 1
        }
    }

    @inline(__always)
    mutating func expect(_ wanted: UInt8, _ expected: StaticString) throws(TraceScanStop) {
        guard try byte == wanted else { throw .unexpected(at: position, expected: expected) }
        position += 1
    }

    /// Reads a text.
    @inline(__always)
    mutating func text(_ expected: StaticString) throws(TraceScanStop) -> RawTraceText {
        try expect(UInt8(ascii: "\""), expected)
        let start = position
        var hasEscapes = false
        while true {
            // Eight bytes at once: a byte that is zero after the XOR is the one looked for. What
            // stands above the first hit may be a false one, so only the lowest bit counts.
            while position + 8 <= end {
                let word = UInt64(
                    littleEndian: base.loadUnaligned(fromByteOffset: position, as: UInt64.self)
                )
                let hits =
                    Self.zeroBytes(word ^ 0x2222_2222_2222_2222)
                    | Self.zeroBytes(word ^ 0x5C5C_5C5C_5C5C_5C5C)
                if hits != 0 {
                    position += hits.trailingZeroBitCount >> 3
                    break
                }
                position += 8
            }
            let byte = try byte
            if byte == UInt8(ascii: "\"") { break }
            if byte == UInt8(ascii: "\\") {
                guard position + 1 < end else { throw .incomplete }
                hasEscapes = true
                position += 2
            } else {
                position += 1
            }
        }
        let bytes = UnsafeRawBufferPointer(start: base + start, count: position - start)
        position += 1
        return RawTraceText(bytes: bytes, hasEscapes: hasEscapes)
    }

    @inline(__always)
    private static func zeroBytes(_ word: UInt64) -> UInt64 {
        (word &- 0x0101_0101_0101_0101) & ~word & 0x8080_8080_8080_8080
    }

    /// Moves past any value.
    mutating func skipValue() throws(TraceScanStop) {
        switch try byte {
        case UInt8(ascii: "\""):
            _ = try text("a text")
        case UInt8(ascii: "{"), UInt8(ascii: "["):
            try skipNested()
        case UInt8(ascii: "-"), UInt8(ascii: "0")...UInt8(ascii: "9"),
            UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "a")...UInt8(ascii: "z"):
            // Numbers, true, false, null, and the NaN and Infinity that Python writes.
            try skipWord()
        default:
            throw .unexpected(at: position, expected: "a value")
        }
    }

    @inline(__always)
    private mutating func skipWord() throws(TraceScanStop) {
        while true {
            switch try byte {
            case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "-"), UInt8(ascii: "+"),
                UInt8(ascii: "."):
                position += 1
            default:
                return
            }
        }
    }

    private mutating func skipNested() throws(TraceScanStop) {
        var depth = 0
        while true {
            switch try byte {
            case UInt8(ascii: "\""):
                _ = try text("a text")
                continue
            case UInt8(ascii: "{"), UInt8(ascii: "["):
                depth += 1
            case UInt8(ascii: "}"), UInt8(ascii: "]"):
                depth -= 1
            default:
                break
            }
            position += 1
            if depth == 0 { return }
        }
    }
}
