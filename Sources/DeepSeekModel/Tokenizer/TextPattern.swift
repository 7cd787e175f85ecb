import InfraCore

/// What a splitting rule looks for: a fixed text, or a regular expression.
package struct TextPattern: @unchecked Sendable {
    // @unchecked: `Regex` is not Sendable because it may hold Swift closures; one compiled from
    // text holds none, and matching does not change it.
    private enum Kind {
        case literal([UInt8])
        case expression(Regex<AnyRegexOutput>)
        case scanner(PatternScanner)
    }
    private let kind: Kind

    /// A pattern that finds a fixed text.
    init(literal: String) { kind = .literal(Array(literal.utf8)) }

    /// Compiles a regular expression as tokenizer.json writes it (Oniguruma's syntax, of which
    /// Swift's is a superset for what vocabularies use).
    ///
    /// - Parameters:
    ///   - expression: The expression.
    ///   - location: What to call it in messages.
    ///   - usesScanner: Whether a hand-written matcher may stand in for a well-known expression.
    /// - Throws: ``ModelErrorCode/unsupported`` if Swift does not accept the expression.
    package init(
        expression: String,
        location: String,
        usesScanner: Bool = true
    ) throws(ModelError) {
        if usesScanner, let scanner = PatternScanner(expression: expression) {
            kind = .scanner(scanner)
            return
        }
        do {
            // Scalars, not characters: a pattern that names \r must see the one in \r\n, and one
            // for letters must not swallow a combining mark.
            kind = .expression(try Regex(expression).matchingSemantics(.unicodeScalar))
        } catch {
            throw ModelError(
                .unsupported,
                "\(location): the regular expression \(expression) is not supported",
                cause: error
            )
        }
    }

    /// Reads `{"String": ...}` or `{"Regex": ...}`.
    init(_ object: JSONObject) throws(ModelError) {
        if let literal = try object.string("String") {
            self.init(literal: literal)
        } else if let expression = try object.string("Regex") {
            try self.init(expression: expression, location: object.path("Regex"))
        } else {
            throw ModelError(
                .malformedFile,
                "\(object.location) holds neither \"String\" nor \"Regex\""
            )
        }
    }

    /// Where the pattern occurs, from left to right, without overlap.
    package func matches(in text: Substring) -> [Range<String.Index>] {
        switch kind {
        case .literal(let literal): Self.occurrences(of: literal, in: text)
        case .expression(let expression): text.matches(of: expression).map(\.range)
        case .scanner(let scanner): Self.matches(of: scanner, in: text)
        }
    }

    private static func matches(
        of scanner: PatternScanner,
        in text: Substring
    ) -> [Range<String.Index>] {
        let offsets = ScalarKind.basicPlane.withUnsafeBufferPointer { kinds in
            text.utf8.withContiguousStorageIfAvailable {
                scanner.matches(in: ScalarText($0, kinds: kinds))
            }
        }
        guard let offsets else {
            preconditionFailure("a native Swift string is contiguous UTF-8")
        }
        let utf8 = text.utf8
        return offsets.map { range in
            let start = utf8.index(utf8.startIndex, offsetBy: range.lowerBound)
            return start..<utf8.index(start, offsetBy: range.count)
        }
    }

    private static func occurrences(
        of literal: [UInt8],
        in text: Substring
    ) -> [Range<String.Index>] {
        guard let first = literal.first else { return [] }
        var found: [Range<String.Index>] = []
        let utf8 = text.utf8
        var position = utf8.startIndex
        while let start = utf8[position...].firstIndex(of: first) {
            if utf8[start...].starts(with: literal) {
                let end = utf8.index(start, offsetBy: literal.count)
                found.append(start..<end)
                position = end
            } else {
                position = utf8.index(after: start)
            }
        }
        return found
    }
}
