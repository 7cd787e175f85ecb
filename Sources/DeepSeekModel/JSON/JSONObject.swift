import InfraCore

/// Typed access to the members of a JSON object, with messages that name file and key.
package struct JSONObject: Sendable {
    /// The members in their order.
    package let members: [JSONMember]
    /// The file and the path inside it, such as `config.json: rope_scaling`.
    package let location: String
    private let isRoot: Bool

    /// Wraps a value that must be an object.
    ///
    /// - Parameters:
    ///   - value: The value.
    ///   - location: What to call it in messages.
    ///   - isRoot: Whether `location` is a file name, after which keys are named.
    /// - Throws: ``ModelErrorCode/malformedFile`` if the value is no object.
    package init(
        _ value: JSONValue,
        location: String,
        isRoot: Bool = true
    ) throws(ModelError) {
        guard case .object(let members) = value else {
            throw ModelError(.malformedFile, "\(location) is \(value.kind); it must be an object")
        }
        self.members = members
        self.location = location
        self.isRoot = isRoot
    }

    /// The file and path of a member.
    package func path(_ key: String) -> String {
        isRoot ? "\(location): \(key)" : "\(location).\(key)"
    }

    /// The value of a member; `nil` if it is absent or null.
    package subscript(_ key: String) -> JSONValue? {
        guard let member = members.last(where: { $0.name == key }), !member.value.isNull else {
            return nil
        }
        return member.value
    }

    /// Whether the member is there, be it null.
    package func contains(_ key: String) -> Bool { members.contains { $0.name == key } }

    package func wrongKind(_ key: String, _ value: JSONValue, _ allowed: String) -> ModelError {
        ModelError(
            .malformedFile,
            "\(path(key)) is \(value.excerpt) (\(value.kind)); it must be \(allowed)"
        )
    }

    /// An integer under the first of several names that is there.
    package func integer(_ key: String, _ alias: String) throws(ModelError) -> Int? {
        if let value = try integer(key) { return value }
        return try integer(alias)
    }

    package func integer(_ key: String) throws(ModelError) -> Int? {
        guard let value = self[key] else { return nil }
        if case .integer(let integer) = value { return integer }
        if case .number(let number) = value, let integer = Int(exactly: number) { return integer }
        throw wrongKind(key, value, "an integer")
    }

    package func double(_ key: String) throws(ModelError) -> Double? {
        guard let value = self[key] else { return nil }
        if case .integer(let integer) = value { return Double(integer) }
        if case .number(let number) = value { return number }
        throw wrongKind(key, value, "a number")
    }

    package func bool(_ key: String) throws(ModelError) -> Bool? {
        guard let value = self[key] else { return nil }
        if case .bool(let bool) = value { return bool }
        throw wrongKind(key, value, "true or false")
    }

    package func string(_ key: String) throws(ModelError) -> String? {
        guard let value = self[key] else { return nil }
        if case .string(let string) = value { return string }
        throw wrongKind(key, value, "a string")
    }

    package func array(_ key: String) throws(ModelError) -> [JSONValue]? {
        guard let value = self[key] else { return nil }
        if case .array(let values) = value { return values }
        throw wrongKind(key, value, "an array")
    }

    package func object(_ key: String) throws(ModelError) -> JSONObject? {
        guard let value = self[key] else { return nil }
        guard case .object = value else { throw wrongKind(key, value, "an object") }
        return try JSONObject(value, location: path(key), isRoot: false)
    }

    /// One integer or a list of them, as `eos_token_id` is written.
    package func integers(_ key: String) throws(ModelError) -> [Int]? {
        guard let value = self[key] else { return nil }
        if case .array(let values) = value {
            var integers: [Int] = []
            for element in values {
                guard case .integer(let integer) = element else {
                    throw wrongKind(key, value, "an integer or a list of integers")
                }
                integers.append(integer)
            }
            return integers
        }
        guard case .integer(let integer) = value else {
            throw wrongKind(key, value, "an integer or a list of integers")
        }
        return [integer]
    }

    /// Fails with one sentence that names the member, its value and what is allowed.
    package func unsupported(_ key: String, allowed: String) -> ModelError {
        ModelError(
            .unsupported,
            "\(path(key)) is \(self[key]?.excerpt ?? "absent"), which is not supported; "
                + "allowed: \(allowed)"
        )
    }
}
