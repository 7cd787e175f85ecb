/// Hand-written matchers for the expressions that real vocabularies use.
///
/// Swift's `Regex` finds the same matches some ten times slower; the tests compare the two on
/// random texts. An expression is recognised by its exact spelling.
package enum PatternScanner: Sendable {
    /// Numbers in groups of up to three: the first expression of DeepSeek-V3.
    case threeDigits
    /// Runs of Chinese and Japanese characters: its second.
    case eastAsian
    /// Words, punctuation and blanks: its third.
    case deepSeekWords
    /// The expression of GPT-2.
    case gpt2

    /// The expressions of DeepSeek-V3's pre-tokenizer, in their order.
    package static let deepSeekExpressions = [
        #"\p{N}{1,3}"#,
        "[一-龥\u{3040}-ゟ゠-ヿ]+",
        ##"[!"#$%&'()*+,\-./:;<=>?@\[\\\]^_`{|}~][A-Za-z]+|[^\r\n\p{L}\p{P}\p{S}]?[\p{L}\p{M}]+"##
            + #"| ?[\p{P}\p{S}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+"#,
    ]

    /// The scanner for an expression; `nil` if it is none of these.
    init?(expression: String) {
        // Scalars: spellings that Swift's strings take for equal are other expressions.
        let known: [(String, PatternScanner)] = [
            (Self.deepSeekExpressions[0], .threeDigits),
            (Self.deepSeekExpressions[1], .eastAsian),
            (Self.deepSeekExpressions[2], .deepSeekWords),
            (PreTokenizer.gpt2Pattern, .gpt2),
        ]
        guard let match = known.first(where: { $0.0.utf8.elementsEqual(expression.utf8) }) else {
            return nil
        }
        self = match.1
    }

    /// Where the expression matches, in byte offsets, from left to right.
    func matches(in text: ScalarText) -> [Range<Int>] {
        var found: [Range<Int>] = []
        var position = 0
        while position < text.byteCount {
            let end =
                switch self {
                case .threeDigits: text.run(from: position, of: .number, atMost: 3)
                case .eastAsian: text.run(from: position, of: .eastAsian)
                case .deepSeekWords: Self.deepSeekWord(text, position)
                case .gpt2: Self.gpt2Piece(text, position)
                }
            if end > position {
                found.append(position..<end)
                position = end
            } else {
                position = text.scalar(at: position).end
            }
        }
        return found
    }

    /// The end of the match that begins here; `start` itself if none does.
    private static func deepSeekWord(_ text: ScalarText, _ start: Int) -> Int {
        let first = text.scalar(at: start)
        // A sign and Latin letters.
        if first.kind.contains(.asciiSign) {
            let end = text.run(from: first.end, of: .asciiLetter)
            if end > first.end { return end }
        }
        // Letters and marks, after one character that is neither letter nor sign nor line end.
        let letters = ScalarKind.letter.union(.mark)
        if first.kind.isDisjoint(with: [.letter, .punctuation, .symbol, .lineEnd]) {
            let end = text.run(from: first.end, of: letters)
            if end > first.end { return end }
        }
        let wordEnd = text.run(from: start, of: letters)
        if wordEnd > start { return wordEnd }
        // Signs, after one blank, with the line ends that follow.
        let signStart = first.kind.contains(.space) ? first.end : start
        let signEnd = text.run(from: signStart, of: [.punctuation, .symbol])
        if signEnd > signStart { return text.run(from: signEnd, of: .lineEnd) }
        return blanks(text, start, endingAtLineEnd: true)
    }

    private static func gpt2Piece(_ text: ScalarText, _ start: Int) -> Int {
        let first = text.scalar(at: start)
        if let end = text.contractionEnd(at: start) { return end }
        let bodyStart = first.kind.contains(.space) ? first.end : start
        if bodyStart < text.byteCount {
            for kind in [ScalarKind.letter, .number] {
                let end = text.run(from: bodyStart, of: kind)
                if end > bodyStart { return end }
            }
            let end = text.run(from: bodyStart, ofNone: [.whitespace, .letter, .number])
            if end > bodyStart { return end }
        }
        return blanks(text, start, endingAtLineEnd: false)
    }

    /// `\s*[\r\n]+`, if asked for, then `\s+(?!\S)`, then `\s+`.
    private static func blanks(
        _ text: ScalarText,
        _ start: Int,
        endingAtLineEnd: Bool
    ) -> Int {
        var end = start
        var lastStart = start
        var lineEnd = start
        while end < text.byteCount {
            let scalar = text.scalar(at: end)
            guard scalar.kind.contains(.whitespace) else { break }
            lastStart = end
            end = scalar.end
            if scalar.kind.contains(.lineEnd) { lineEnd = end }
        }
        if endingAtLineEnd, lineEnd > start { return lineEnd }
        // Before other text the last blank is left over, for that text to begin with.
        return end < text.byteCount && lastStart > start ? lastStart : end
    }
}
