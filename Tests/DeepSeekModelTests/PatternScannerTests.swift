import DeepSeekModel
import InfraCore
import Testing

@Suite("Hand-written pattern matchers")
struct PatternScannerTests {
    static let expressions = PatternScanner.deepSeekExpressions + [PreTokenizer.gpt2Pattern]

    @Test("they find what the regular expression finds in random texts", arguments: expressions)
    func random(expression: String) throws {
        let expected = try TextPattern(expression: expression, location: "x", usesScanner: false)
        let scanner = try TextPattern(expression: expression, location: "x")
        var random = SeededRandom(seed: 2)
        for round in 0..<400 {
            let text = RandomText.make(scalarCount: round % 60, using: &random)
            #expect(
                scanner.matches(in: text[...]) == expected.matches(in: text[...]),
                "\(text.debugDescription)"
            )
        }
    }

    @Test(
        "they find what the regular expression finds in every short text of its own characters",
        arguments: expressions
    )
    func exhaustive(expression: String) throws {
        let expected = try TextPattern(expression: expression, location: "x", usesScanner: false)
        let scanner = try TextPattern(expression: expression, location: "x")
        let alphabet: [Unicode.Scalar] = [
            "a", "s", "l", "é", "\u{301}", "1", "½", "!", "'", "€", " ", "\t", "\r", "\n",
            "\u{A0}", "\u{0}", "中", "ー", "😀", "\u{200D}", "𝔘",
        ]
        for first in alphabet {
            for second in alphabet {
                for third in alphabet {
                    var text = ""
                    text.unicodeScalars.append(contentsOf: [first, second, third])
                    #expect(
                        scanner.matches(in: text[...]) == expected.matches(in: text[...]),
                        "\(text.debugDescription)"
                    )
                }
            }
        }
    }

    @Test("a part of a text is matched as if it were alone")
    func parts() throws {
        let pattern = try TextPattern(expression: PreTokenizer.gpt2Pattern, location: "x")
        let text = "ab  cd"
        let part = text.dropLast(2)
        // Alone, the two blanks end the text and form one match.
        #expect(pattern.matches(in: part).map { String(text[$0]) } == ["ab", "  "])
        #expect(pattern.matches(in: text[...]).map { String(text[$0]) } == ["ab", " ", " cd"])
    }
}
