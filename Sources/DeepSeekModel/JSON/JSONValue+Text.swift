import InfraCore

extension JSONValue {
    /// The document on one line.
    package var text: String {
        var output = ""
        write(to: &output, indentation: nil)
        return output
    }

    /// The document with two blanks of indentation per level, as Hugging Face writes it.
    package var indentedText: String {
        var output = ""
        write(to: &output, indentation: 0)
        return output + "\n"
    }

    private func write(to output: inout String, indentation: Int?) {
        switch self {
        case .null: output += "null"
        case .bool(let value): output += value ? "true" : "false"
        case .integer(let value): output += "\(value)"
        case .number(let value): output += "\(value)"
        case .string(let value): output += JSONString.quoted(value)
        case .array(let values):
            let parts = values.map { value in { value.write(to: &$0, indentation: $1) } }
            Self.writeParts(parts, "[", "]", to: &output, indentation: indentation)
        case .object(let members):
            let parts = members.map { member in
                { (output: inout String, indentation: Int?) in
                    output += JSONString.quoted(member.name)
                    output += ": "
                    member.value.write(to: &output, indentation: indentation)
                }
            }
            Self.writeParts(parts, "{", "}", to: &output, indentation: indentation)
        }
    }

    private static func writeParts(
        _ parts: [(inout String, Int?) -> Void],
        _ opening: String,
        _ closing: String,
        to output: inout String,
        indentation: Int?
    ) {
        output += opening
        for (index, part) in parts.enumerated() {
            if index > 0 { output += indentation == nil ? ", " : "," }
            if let indentation {
                output += "\n" + String(repeating: "  ", count: indentation + 1)
            }
            part(&output, indentation.map { $0 + 1 })
        }
        if let indentation, !parts.isEmpty {
            output += "\n" + String(repeating: "  ", count: indentation)
        }
        output += closing
    }
}
