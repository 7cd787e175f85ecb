/// What splitting rules ask of a character.
struct ScalarKind: OptionSet, Sendable {
    let rawValue: UInt16

    /// `\p{L}`
    static let letter = ScalarKind(rawValue: 1 << 0)
    /// `\p{M}`
    static let mark = ScalarKind(rawValue: 1 << 1)
    /// `\p{N}`
    static let number = ScalarKind(rawValue: 1 << 2)
    /// `\p{P}`
    static let punctuation = ScalarKind(rawValue: 1 << 3)
    /// `\p{S}`
    static let symbol = ScalarKind(rawValue: 1 << 4)
    /// `\s`
    static let whitespace = ScalarKind(rawValue: 1 << 5)
    /// `[\r\n]`
    static let lineEnd = ScalarKind(rawValue: 1 << 6)
    /// U+0020
    static let space = ScalarKind(rawValue: 1 << 7)
    /// Punctuation and symbols of ASCII.
    static let asciiSign = ScalarKind(rawValue: 1 << 8)
    /// `[A-Za-z]`
    static let asciiLetter = ScalarKind(rawValue: 1 << 9)
    /// `[一-龥぀-ゟ゠-ヿ]`
    static let eastAsian = ScalarKind(rawValue: 1 << 10)

    init(rawValue: UInt16) { self.rawValue = rawValue }

    init(_ scalar: Unicode.Scalar) {
        self =
            switch scalar.properties.generalCategory {
            case .uppercaseLetter, .lowercaseLetter, .titlecaseLetter, .modifierLetter,
                .otherLetter:
                .letter
            case .nonspacingMark, .spacingMark, .enclosingMark: .mark
            case .decimalNumber, .letterNumber, .otherNumber: .number
            case .connectorPunctuation, .dashPunctuation, .openPunctuation, .closePunctuation,
                .initialPunctuation, .finalPunctuation, .otherPunctuation:
                .punctuation
            case .mathSymbol, .currencySymbol, .modifierSymbol, .otherSymbol: .symbol
            default: []
            }
        if scalar.properties.isWhitespace { insert(.whitespace) }
        if scalar == "\r" || scalar == "\n" { insert(.lineEnd) }
        if scalar == " " { insert(.space) }
        if scalar.isASCII {
            if contains(.letter) { insert(.asciiLetter) }
            if !isDisjoint(with: [.punctuation, .symbol]) { insert(.asciiSign) }
        }
        switch scalar.value {
        case 0x3040...0x30FF, 0x4E00...0x9FA5: insert(.eastAsian)
        default: break
        }
    }

    /// The kinds of U+0000 to U+FFFF, looked up once: properties cost a search each.
    static let basicPlane: [ScalarKind] = (UInt32(0)...0xFFFF).map { value in
        Unicode.Scalar(value).map { ScalarKind($0) } ?? []
    }
}

/// Valid UTF-8 in memory, read one character at a time.
struct ScalarText {
    private let bytes: UnsafeBufferPointer<UInt8>
    private let kinds: UnsafeBufferPointer<ScalarKind>

    /// - Parameters:
    ///   - bytes: Valid UTF-8.
    ///   - kinds: ``ScalarKind/basicPlane``.
    init(_ bytes: UnsafeBufferPointer<UInt8>, kinds: UnsafeBufferPointer<ScalarKind>) {
        self.bytes = bytes
        self.kinds = kinds
    }

    var byteCount: Int { bytes.count }

    /// The kind of the character that begins at `position`, and where it ends.
    @inline(__always)
    func scalar(at position: Int) -> (kind: ScalarKind, end: Int) {
        let lead = bytes[position]
        if lead < 0x80 { return (kinds[Int(lead)], position + 1) }
        let second = UInt32(bytes[position + 1] & 0x3F)
        if lead < 0xE0 { return (kinds[Int(UInt32(lead & 0x1F) << 6 | second)], position + 2) }
        let third = UInt32(bytes[position + 2] & 0x3F)
        if lead < 0xF0 {
            let value = UInt32(lead & 0x0F) << 12 | second << 6 | third
            return (kinds[Int(value)], position + 3)
        }
        let fourth = UInt32(bytes[position + 3] & 0x3F)
        let value = UInt32(lead & 0x07) << 18 | second << 12 | third << 6 | fourth
        return (Unicode.Scalar(value).map { ScalarKind($0) } ?? [], position + 4)
    }

    /// The end of the characters from `start` on that are of one of these kinds.
    @inline(__always)
    func run(from start: Int, of kind: ScalarKind, atMost limit: Int = .max) -> Int {
        var end = start
        var count = 0
        while end < bytes.count, count < limit {
            let scalar = scalar(at: end)
            guard !scalar.kind.isDisjoint(with: kind) else { break }
            end = scalar.end
            count += 1
        }
        return end
    }

    /// The end of the characters from `start` on that are of none of these kinds.
    func run(from start: Int, ofNone kind: ScalarKind) -> Int {
        var end = start
        while end < bytes.count {
            let scalar = scalar(at: end)
            guard scalar.kind.isDisjoint(with: kind) else { break }
            end = scalar.end
        }
        return end
    }

    /// The end of `'s`, `'t`, `'re`, `'ve`, `'m`, `'ll` or `'d`; `nil` if none begins here.
    func contractionEnd(at position: Int) -> Int? {
        guard bytes[position] == UInt8(ascii: "'"), position + 1 < bytes.count else { return nil }
        switch bytes[position + 1] {
        case UInt8(ascii: "s"), UInt8(ascii: "t"), UInt8(ascii: "m"), UInt8(ascii: "d"):
            return position + 2
        case UInt8(ascii: "r"), UInt8(ascii: "v"):
            return follows(UInt8(ascii: "e"), position + 2)
        case UInt8(ascii: "l"): return follows(UInt8(ascii: "l"), position + 2)
        default: return nil
        }
    }

    private func follows(_ byte: UInt8, _ position: Int) -> Int? {
        position < bytes.count && bytes[position] == byte ? position + 1 : nil
    }
}
