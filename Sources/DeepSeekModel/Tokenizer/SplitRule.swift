import InfraCore

/// Cuts a text at the occurrences of a pattern.
struct SplitRule: Sendable {
    /// What becomes of the occurrences.
    enum Behavior: String, Sendable {
        /// They are pieces of their own.
        case isolated = "Isolated"
        /// They are dropped.
        case removed = "Removed"
        /// They end the piece before them.
        case mergedWithPrevious = "MergedWithPrevious"
        /// They begin the piece after them.
        case mergedWithNext = "MergedWithNext"
        /// Neighbouring occurrences form one piece.
        case contiguous = "Contiguous"
    }

    var pattern: TextPattern
    var behavior: Behavior
    /// Whether what lies between the occurrences takes their part.
    var isInverted = false

    private typealias Part = (range: Range<String.Index>, isMatch: Bool)

    /// The pieces of a text, none of them empty.
    func split(_ text: Substring) -> [Substring] {
        let parts = parts(of: text)
        let ranges: [Range<String.Index>] =
            switch behavior {
            case .isolated: parts.map(\.range)
            case .removed: parts.filter { !$0.isMatch }.map(\.range)
            case .contiguous: Self.joinedRuns(parts)
            case .mergedWithPrevious: Self.mergedWithPrevious(parts)
            case .mergedWithNext: Self.mergedWithNext(parts)
            }
        return ranges.compactMap { $0.isEmpty ? nil : text[$0] }
    }

    private func parts(of text: Substring) -> [Part] {
        var parts: [Part] = []
        var end = text.startIndex
        for match in pattern.matches(in: text) {
            if end < match.lowerBound { parts.append((end..<match.lowerBound, isInverted)) }
            parts.append((match, !isInverted))
            end = match.upperBound
        }
        if end < text.endIndex { parts.append((end..<text.endIndex, isInverted)) }
        return parts
    }

    private static func joinedRuns(_ parts: [Part]) -> [Range<String.Index>] {
        var runs: [Part] = []
        for part in parts {
            if let last = runs.last, last.isMatch == part.isMatch {
                runs[runs.count - 1].range = last.range.lowerBound..<part.range.upperBound
            } else {
                runs.append(part)
            }
        }
        return runs.map(\.range)
    }

    // Of several occurrences in a row only the first joins its neighbour, as in the reference
    // implementation (Hugging Face tokenizers, NormalizedString::split).
    private static func mergedWithPrevious(_ parts: [Part]) -> [Range<String.Index>] {
        var ranges: [Range<String.Index>] = []
        var previousIsMatch = false
        for part in parts {
            if part.isMatch, !previousIsMatch, let last = ranges.last {
                ranges[ranges.count - 1] = last.lowerBound..<part.range.upperBound
            } else {
                ranges.append(part.range)
            }
            previousIsMatch = part.isMatch
        }
        return ranges
    }

    private static func mergedWithNext(_ parts: [Part]) -> [Range<String.Index>] {
        var ranges: [Range<String.Index>] = []
        var nextIsMatch = false
        for part in parts.reversed() {
            if part.isMatch, !nextIsMatch, let last = ranges.last {
                ranges[ranges.count - 1] = part.range.lowerBound..<last.upperBound
            } else {
                ranges.append(part.range)
            }
            nextIsMatch = part.isMatch
        }
        return ranges.reversed()
    }
}
