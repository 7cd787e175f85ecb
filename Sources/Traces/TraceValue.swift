/// Any JSON value: what an event's arguments and a trace's header may hold.
public enum TraceValue: Hashable, Sendable {
    /// `null`
    case null
    /// `true` or `false`
    case bool(Bool)
    /// A number without a fraction that fits 64 bits.
    case int(Int)
    /// Any other number; must be finite to be written.
    case double(Double)
    /// Text.
    case string(String)
    /// A list.
    case array([TraceValue])
    /// Named values.
    case object([String: TraceValue])
}

extension TraceValue: ExpressibleByStringLiteral, ExpressibleByIntegerLiteral,
    ExpressibleByFloatLiteral, ExpressibleByBooleanLiteral
{
    /// Wraps a text.
    public init(stringLiteral value: String) { self = .string(value) }
    /// Wraps a whole number.
    public init(integerLiteral value: Int) { self = .int(value) }
    /// Wraps a number.
    public init(floatLiteral value: Double) { self = .double(value) }
    /// Wraps a truth value.
    public init(booleanLiteral value: Bool) { self = .bool(value) }
}

extension TraceValue: Codable {
    /// Reads whichever kind of value stands there.
    public init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        if container.decodeNil() {
            self = .null
        } else if let value = try? container.decode(Bool.self) {
            self = .bool(value)
        } else if let value = try? container.decode(Int.self) {
            self = .int(value)
        } else if let value = try? container.decode(Double.self) {
            self = .double(value)
        } else if let value = try? container.decode(String.self) {
            self = .string(value)
        } else if let value = try? container.decode([TraceValue].self) {
            self = .array(value)
        } else {
            self = .object(try container.decode([String: TraceValue].self))
        }
    }

    /// Writes the bare value.
    public func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        switch self {
        case .null: try container.encodeNil()
        case .bool(let value): try container.encode(value)
        case .int(let value): try container.encode(value)
        case .double(let value): try container.encode(value)
        case .string(let value): try container.encode(value)
        case .array(let value): try container.encode(value)
        case .object(let value): try container.encode(value)
        }
    }
}
