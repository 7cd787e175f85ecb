/// A JSON document, kept as it was written.
///
/// Foundation's decoder folds object keys that Unicode calls equivalent; a vocabulary may hold
/// both spellings of a letter. Here members keep their order and every byte of their names.
package enum JSONValue: Sendable {
    case null
    case bool(Bool)
    case integer(Int)
    case number(Double)
    case string(String)
    case array([JSONValue])
    case object([JSONMember])

    /// What the value is, for messages: `a string`, `an object`.
    package var kind: String {
        switch self {
        case .null: "null"
        case .bool: "a boolean"
        case .integer: "an integer"
        case .number: "a fraction"
        case .string: "a string"
        case .array: "an array"
        case .object: "an object"
        }
    }

    /// The value on one line, cut after 60 characters, for messages.
    package var excerpt: String {
        let line = text
        return line.count <= 60 ? line : line.prefix(57) + "..."
    }

    /// Whether the value is JSON's `null`.
    package var isNull: Bool {
        if case .null = self { true } else { false }
    }
}

/// One name and value of a JSON object.
package struct JSONMember: Sendable {
    package var name: String
    package var value: JSONValue

    package init(_ name: String, _ value: JSONValue) {
        self.name = name
        self.value = value
    }
}
