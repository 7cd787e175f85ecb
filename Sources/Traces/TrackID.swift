/// A process or thread of a trace. Profilers write numbers or texts; both are kept as they are.
public enum TrackID: Hashable, Sendable, ExpressibleByIntegerLiteral, ExpressibleByStringLiteral {
    /// A number, such as a process id.
    case number(Int)
    /// A text, such as `Spans`.
    case name(String)

    /// Wraps a number.
    public init(integerLiteral value: Int) { self = .number(value) }
    /// Wraps a text.
    public init(stringLiteral value: String) { self = .name(value) }
}

extension TrackID: CustomStringConvertible {
    /// The number or text alone.
    public var description: String {
        switch self {
        case .number(let number): "\(number)"
        case .name(let name): name
        }
    }
}

extension TrackID: Codable {
    /// Reads a number or a text.
    public init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        if let number = try? container.decode(Int.self) {
            self = .number(number)
        } else {
            self = .name(try container.decode(String.self))
        }
    }

    /// Writes a number or a text.
    public func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        switch self {
        case .number(let number): try container.encode(number)
        case .name(let name): try container.encode(name)
        }
    }
}
