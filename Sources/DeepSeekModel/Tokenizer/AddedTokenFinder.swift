/// Finds added tokens in a text: leftmost first, the longest where several begin.
struct AddedTokenFinder: Sendable {
    /// A part of a text: an added token, or what lies between two of them.
    enum Part {
        case token(Int)
        case text(Substring)
    }

    private struct Candidate: Sendable {
        var bytes: [UInt8]
        var token: AddedToken
    }

    /// The candidates by their first byte, the longest first.
    private var candidates = [[Candidate]](repeating: [], count: 256)
    private let isEmpty: Bool

    /// - Parameters:
    ///   - tokens: The tokens to find.
    ///   - spelling: How a token is spelled in the texts that are searched.
    init(_ tokens: [AddedToken], spelling: (String) -> String = { $0 }) {
        var isEmpty = true
        for token in tokens {
            let bytes = Array(spelling(token.content).utf8)
            guard let first = bytes.first else { continue }
            candidates[Int(first)].append(Candidate(bytes: bytes, token: token))
            isEmpty = false
        }
        self.isEmpty = isEmpty
        for index in candidates.indices where candidates[index].count > 1 {
            candidates[index].sort { $0.bytes.count > $1.bytes.count }
        }
    }

    /// The text cut at the tokens found.
    func parts(of text: String) -> [Part] {
        if isEmpty { return text.isEmpty ? [] : [.text(text[...])] }
        var text = text
        text.makeContiguousUTF8()
        var parts: [Part] = []
        // Everything before this position has been handed out.
        var end = text.startIndex
        for (range, token) in occurrences(in: text) {
            var (start, stop) = (range.lowerBound, range.upperBound)
            if token.isSingleWord {
                let before = text[..<start].unicodeScalars.last
                let after = text[stop...].unicodeScalars.first
                if before?.belongsToWord == true || after?.belongsToWord == true { continue }
            }
            let scalars = text.unicodeScalars
            if token.stripsLeft {
                while start > end, scalars[scalars.index(before: start)].properties.isWhitespace {
                    start = scalars.index(before: start)
                }
            }
            if token.stripsRight {
                while stop < text.endIndex, scalars[stop].properties.isWhitespace {
                    stop = scalars.index(after: stop)
                }
            }
            // A token before this one may have swallowed its beginning.
            guard range.lowerBound >= end else { continue }
            if end < start { parts.append(.text(text[end..<start])) }
            parts.append(.token(token.id))
            end = stop
        }
        if end < text.endIndex { parts.append(.text(text[end...])) }
        return parts
    }

    private func occurrences(in text: String) -> [(Range<String.Index>, AddedToken)] {
        let offsets = text.utf8.withContiguousStorageIfAvailable { bytes in
            var found: [(Range<Int>, AddedToken)] = []
            var position = 0
            while position < bytes.count {
                let candidate = candidates[Int(bytes[position])].first {
                    bytes[position...].starts(with: $0.bytes)
                }
                guard let candidate else {
                    position += 1
                    continue
                }
                let end = position + candidate.bytes.count
                found.append((position..<end, candidate.token))
                position = end
            }
            return found
        }
        let utf8 = text.utf8
        return (offsets ?? []).map { range, token in
            let start = utf8.index(utf8.startIndex, offsetBy: range.lowerBound)
            return (start..<utf8.index(start, offsetBy: range.count), token)
        }
    }
}

extension Unicode.Scalar {
    /// Whether regular expressions count the scalar to `\w` (UTS #18, annex C).
    fileprivate var belongsToWord: Bool {
        if properties.isAlphabetic || properties.isJoinControl { return true }
        return switch properties.generalCategory {
        case .nonspacingMark, .spacingMark, .enclosingMark, .decimalNumber, .connectorPunctuation:
            true
        default: false
        }
    }
}
