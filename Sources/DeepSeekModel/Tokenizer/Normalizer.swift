import InfraCore
// The standard library normalises for string comparison, but offers it to its own packages only.
@_spi(_Unicode) import Swift

/// Rewrites a text before it is cut: `normalizer` of tokenizer.json.
///
/// Supported are `Sequence`, `NFC`, `NFD`, `Prepend` and `Replace`. DeepSeek's tokenizers use
/// none.
struct Normalizer: Sendable {
    private enum Step: Sendable {
        case nfc
        case nfd
        case prepend(String)
        case replace(TextPattern, String)
    }

    private var steps: [Step] = []

    /// Reads `normalizer`; `nil` leaves texts as they are.
    init(_ object: JSONObject?) throws(ModelError) {
        if let object { try add(object) }
    }

    private mutating func add(_ object: JSONObject) throws(ModelError) {
        switch try object.string("type") {
        case "Sequence":
            for (index, element) in (try object.array("normalizers") ?? []).enumerated() {
                let location = object.path("normalizers[\(index)]")
                try add(try JSONObject(element, location: location, isRoot: false))
            }
        case "NFC": steps.append(.nfc)
        case "NFD": steps.append(.nfd)
        case "Prepend": steps.append(.prepend(try object.string("prepend") ?? ""))
        case "Replace":
            guard let pattern = try object.object("pattern") else {
                throw ModelError(.malformedFile, "\(object.path("pattern")) is missing")
            }
            let content = try object.string("content") ?? ""
            steps.append(.replace(try TextPattern(pattern), content))
        default:
            throw object.unsupported("type", allowed: "Sequence, NFC, NFD, Prepend, Replace, null")
        }
    }

    /// The rewritten text.
    func normalize(_ text: String) -> String {
        steps.reduce(text) { text, step in
            switch step {
            case .nfc: Self.text(of: text._nfc)
            case .nfd: Self.text(of: text._nfd)
            case .prepend(let prefix): text.isEmpty ? text : prefix + text
            case .replace(let pattern, let content):
                Self.replace(pattern, in: text, with: content)
            }
        }
    }

    private static func text(of scalars: some Sequence<Unicode.Scalar>) -> String {
        var text = ""
        for scalar in scalars { text.unicodeScalars.append(scalar) }
        return text
    }

    private static func replace(
        _ pattern: TextPattern,
        in text: String,
        with content: String
    ) -> String {
        var result = ""
        var end = text.startIndex
        for match in pattern.matches(in: text[...]) {
            result += text[end..<match.lowerBound]
            result += content
            end = match.upperBound
        }
        return result + text[end...]
    }
}
