import InfraCore
import Traces

typealias RuleValue = TraceValue

/// Reads an object of a file of rules; errors name the place.
struct RuleReader {
    /// The conditions of ``SpanMatcher`` as files call them; singular, since one is the usual case.
    static let conditionKeys = ["contains", "prefix", "regex", "category", "stream"]

    private let value: RuleValue
    private let path: String

    init(_ value: RuleValue, path: String) {
        self.value = value
        self.path = path
    }

    private func object() throws(TraceAnalysisError) -> [String: RuleValue] {
        guard case .object(let object) = value else {
            throw error("\(path.isEmpty ? "the rules" : path) must be an object")
        }
        return object
    }

    /// Refuses every key but these: a misspelt condition would match everything.
    func allow(_ keys: [String]) throws(TraceAnalysisError) {
        let unknown = try object().keys.filter {
            !keys.contains($0) && !keys.contains(Self.singular($0))
        }
        if let key = unknown.min() {
            throw error("\(place(key)) is unknown; use \(keys.joined(separator: ", "))")
        }
    }

    func list(_ key: String) throws(TraceAnalysisError) -> [RuleReader] {
        switch try object()[key] {
        case nil: return []
        case .array(let values):
            return values.enumerated().map { RuleReader($1, path: "\(place(key))[\($0)]") }
        default: throw error("\(place(key)) must be a list")
        }
    }

    func flag(_ key: String) throws(TraceAnalysisError) -> Bool {
        switch try object()[key] {
        case nil: return false
        case .bool(let flag): return flag
        default: throw error("\(place(key)) must be true or false")
        }
    }

    /// A text, a number, or a list of them; `nil` if absent.
    func texts(_ key: String) throws(TraceAnalysisError) -> [String]? {
        let object = try object()
        guard let value = object[key] ?? object[Self.plural(key)] else { return nil }
        var values = [value]
        if case .array(let list) = value { values = list }
        var texts: [String] = []
        for value in values {
            switch value {
            case .string(let text) where !text.isEmpty: texts.append(text)
            case .int(let number): texts.append("\(number)")
            default:
                throw error("\(place(key)) must be a text that is not empty, or a list of them")
            }
        }
        return texts
    }

    func matcher() throws(TraceAnalysisError) -> SpanMatcher {
        let matcher = SpanMatcher(
            contains: try texts("contains") ?? [],
            prefixes: try texts("prefix") ?? [],
            expressions: try texts("regex") ?? [],
            categories: try texts("category") ?? [],
            streams: try texts("stream") ?? []
        )
        guard matcher != SpanMatcher() else {
            throw error(
                "\(path) has no condition; use \(Self.conditionKeys.joined(separator: ", "))"
            )
        }
        return matcher
    }

    func classRule() throws(TraceAnalysisError) -> ClassRule {
        try allow(["class", "role"] + Self.conditionKeys)
        guard let name = try texts("class")?.first else {
            throw error("\(path) has no class; give the name under which times are summed")
        }
        var role = name == "communication" ? SpanRole.communication : .compute
        if let text = try texts("role")?.first {
            guard let known = SpanRole(rawValue: text) else {
                let roles = SpanRole.allCases.map(\.rawValue).joined(separator: ", ")
                throw error("\(place("role")) is \"\(text)\"; use \(roles)")
            }
            role = known
        }
        return ClassRule(name, role: role, try matcher())
    }

    private func place(_ key: String) -> String { path.isEmpty ? key : "\(path).\(key)" }

    private func error(_ message: String) -> TraceAnalysisError {
        TraceAnalysisError(.invalidRules, message)
    }

    // Lists read better in the plural; both are understood.
    private static let plurals = [
        "prefix": "prefixes", "category": "categories", "stream": "streams", "regex": "regexes",
    ]
    private static func plural(_ key: String) -> String { plurals[key] ?? key }
    private static func singular(_ key: String) -> String {
        plurals.first { $0.value == key }?.key ?? key
    }
}
