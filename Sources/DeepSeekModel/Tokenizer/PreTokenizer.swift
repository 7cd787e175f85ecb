import InfraCore

/// Cuts a text into the pieces within which tokens are merged: `pre_tokenizer` of tokenizer.json.
///
/// Supported are `Sequence`, `Split`, `Digits` and `ByteLevel`, the last one at the end.
package struct PreTokenizer: Sendable {
    private enum Step: Sendable {
        case split(SplitRule)
        case prefixSpace
    }

    /// The pattern of GPT-2, which `ByteLevel` splits by unless told otherwise.
    package static let gpt2Pattern =
        #"'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+"#

    private var steps: [Step] = []
    /// Whether the pieces' bytes, not their characters, are the alphabet of the vocabulary.
    private(set) var isByteLevel = false

    /// Reads `pre_tokenizer`; `nil` leaves texts whole.
    init(_ object: JSONObject?) throws(ModelError) {
        if let object { try add(object) }
    }

    private mutating func add(_ object: JSONObject) throws(ModelError) {
        guard !isByteLevel else {
            throw ModelError(
                .unsupported,
                "\(object.location) follows a ByteLevel pre-tokenizer, which is supported at the "
                    + "end only"
            )
        }
        switch try object.string("type") {
        case "Sequence":
            for (index, element) in (try object.array("pretokenizers") ?? []).enumerated() {
                let location = object.path("pretokenizers[\(index)]")
                try add(try JSONObject(element, location: location, isRoot: false))
            }
        case "Split":
            guard let pattern = try object.object("pattern") else {
                throw ModelError(.malformedFile, "\(object.path("pattern")) is missing")
            }
            guard let name = try object.string("behavior"),
                let behavior = SplitRule.Behavior(rawValue: name)
            else {
                throw object.unsupported(
                    "behavior",
                    allowed: "Isolated, Removed, MergedWithPrevious, MergedWithNext, Contiguous"
                )
            }
            steps.append(
                .split(
                    SplitRule(
                        pattern: try TextPattern(pattern),
                        behavior: behavior,
                        isInverted: try object.bool("invert") ?? false
                    )
                )
            )
        case "Digits":
            let single = try object.bool("individual_digits") ?? false
            try addSplit(#"\p{N}"#, single ? .isolated : .contiguous, object)
        case "ByteLevel":
            if try object.bool("add_prefix_space") ?? true { steps.append(.prefixSpace) }
            if try object.bool("use_regex") ?? true {
                try addSplit(Self.gpt2Pattern, .isolated, object)
            }
            isByteLevel = true
        default:
            throw object.unsupported("type", allowed: "Sequence, Split, Digits, ByteLevel")
        }
    }

    private mutating func addSplit(
        _ expression: String,
        _ behavior: SplitRule.Behavior,
        _ object: JSONObject
    ) throws(ModelError) {
        let pattern = try TextPattern(expression: expression, location: object.location)
        steps.append(.split(SplitRule(pattern: pattern, behavior: behavior)))
    }

    /// The pieces of a text, in order.
    func pieces(of text: String) -> [Substring] {
        var pieces = [text[...]]
        for step in steps {
            switch step {
            case .split(let rule): pieces = pieces.flatMap { rule.split($0) }
            case .prefixSpace:
                pieces = pieces.map { $0.utf8.first == UInt8(ascii: " ") ? $0 : " " + $0 }
            }
        }
        return pieces.filter { !$0.isEmpty }
    }
}
