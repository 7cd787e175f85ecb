import InfraCore

/// Puts special tokens around a text: `post_processor` of tokenizer.json.
///
/// Supported are `TemplateProcessing` for single texts, `ByteLevel` (which changes offsets only,
/// and those are not kept here), `RobertaProcessing`, `BertProcessing`, and `Sequence`.
struct PostProcessor: Sendable {
    /// Tokens put before a text.
    private(set) var prefix: [Int] = []
    /// Tokens put after it.
    private(set) var suffix: [Int] = []

    /// Reads `post_processor`; `nil` adds nothing.
    init(_ object: JSONObject?) throws(ModelError) {
        if let object { try add(object) }
    }

    /// Puts one token before a text.
    init(prefix: [Int]) { self.prefix = prefix }

    private mutating func add(_ object: JSONObject) throws(ModelError) {
        switch try object.string("type") {
        case "ByteLevel": break
        case "Sequence":
            for (index, element) in (try object.array("processors") ?? []).enumerated() {
                let location = object.path("processors[\(index)]")
                try add(try JSONObject(element, location: location, isRoot: false))
            }
        case "TemplateProcessing": try addTemplate(object)
        case "RobertaProcessing", "BertProcessing":
            prefix = [try Self.pairedID(object, "cls")] + prefix
            suffix.append(try Self.pairedID(object, "sep"))
        default:
            throw object.unsupported(
                "type",
                allowed: "TemplateProcessing, ByteLevel, RobertaProcessing, BertProcessing, "
                    + "Sequence, null"
            )
        }
    }

    private mutating func addTemplate(_ object: JSONObject) throws(ModelError) {
        let specials = try object.object("special_tokens")
        var before: [Int] = []
        var after: [Int] = []
        var seesText = false
        for (index, element) in (try object.array("single") ?? []).enumerated() {
            let location = object.path("single[\(index)]")
            let part = try JSONObject(element, location: location, isRoot: false)
            if part["Sequence"] != nil {
                guard !seesText else { throw object.unsupported("single", allowed: "$A once") }
                seesText = true
                continue
            }
            guard let name = try part.object("SpecialToken")?.string("id"),
                let ids = try specials?.object(name)?.integers("ids")
            else {
                throw ModelError(
                    .malformedFile,
                    "\(location) names no token of \(object.path("special_tokens"))"
                )
            }
            if seesText { after += ids } else { before += ids }
        }
        guard seesText else { throw object.unsupported("single", allowed: "$A once") }
        prefix = before + prefix
        suffix += after
    }

    private static func pairedID(_ object: JSONObject, _ key: String) throws(ModelError) -> Int {
        guard let pair = try object.array(key), pair.count == 2, case .integer(let id) = pair[1]
        else {
            throw ModelError(.malformedFile, "\(object.path(key)) must be [\"token\", id]")
        }
        return id
    }
}
