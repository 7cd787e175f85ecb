import InfraCore
internal import _StringProcessing

/// Applies rules to names. Each combination of name, category and stream is looked at once.
final class SpanClassifier {
    /// What a span is.
    struct Verdict {
        /// An index into ``SpanClassifier/classNames``.
        var classIndex: Int
        var role: SpanRole
        /// Whether communication waits for others.
        var isWait: Bool
    }

    private struct Condition {
        var matcher: SpanMatcher
        var expressions: [Regex<AnyRegexOutput>]

        func holds(_ name: String, _ category: String, _ stream: String) -> Bool {
            if !matcher.categories.isEmpty, !matcher.categories.contains(category) { return false }
            if !matcher.streams.isEmpty, !matcher.streams.contains(stream) { return false }
            let hasNameCondition =
                !matcher.contains.isEmpty || !matcher.prefixes.isEmpty || !expressions.isEmpty
            return !hasNameCondition
                || matcher.prefixes.contains { name.hasPrefix($0) }
                || matcher.contains.contains { name.contains($0) }
                || expressions.contains { name.firstMatch(of: $0) != nil }
        }
    }

    private struct Key: Hashable {
        var name: Int32
        var category: Int32
        var stream: Int32
    }

    /// Every class in the order of the rules, the class of the rest last.
    let classNames: [String]
    private let rules: [(condition: Condition, verdict: Verdict)]
    private let waits: [Condition]
    private var known: [Key: Verdict] = [:]

    /// Compiles rules.
    ///
    /// - Throws: ``TraceAnalysisErrorCode/invalidRules`` for an expression that is none.
    init(_ rules: AnalysisRules) throws(TraceAnalysisError) {
        var names: [String] = []
        var compiled: [(Condition, Verdict)] = []
        for (index, rule) in rules.classes.enumerated() {
            let classIndex = names.firstIndex(of: rule.name) ?? names.count
            if classIndex == names.count { names.append(rule.name) }
            let verdict = Verdict(classIndex: classIndex, role: rule.role, isWait: false)
            compiled.append((try Self.compile(rule.matcher, "classes[\(index)]"), verdict))
        }
        if !names.contains(AnalysisRules.otherClass) { names.append(AnalysisRules.otherClass) }
        classNames = names
        self.rules = compiled
        var waits: [Condition] = []
        for (index, matcher) in rules.waits.enumerated() {
            waits.append(try Self.compile(matcher, "waits[\(index)]"))
        }
        self.waits = waits
    }

    /// Classifies a span; the numbers identify the texts.
    func verdict(
        name: (index: Int32, text: () -> String),
        category: (index: Int32, text: () -> String),
        stream: (index: Int32, text: () -> String)
    ) -> Verdict {
        let key = Key(name: name.index, category: category.index, stream: stream.index)
        if let verdict = known[key] { return verdict }
        let texts = (name.text(), category.text(), stream.text())
        var verdict = Verdict(
            classIndex: classNames.firstIndex(of: AnalysisRules.otherClass) ?? 0,
            role: .compute,
            isWait: false
        )
        if let rule = rules.first(where: { $0.condition.holds(texts.0, texts.1, texts.2) }) {
            verdict = rule.verdict
        }
        if verdict.role == .communication {
            verdict.isWait = waits.contains { $0.holds(texts.0, texts.1, texts.2) }
        }
        known[key] = verdict
        return verdict
    }

    private static func compile(
        _ matcher: SpanMatcher,
        _ place: String
    ) throws(TraceAnalysisError) -> Condition {
        var expressions: [Regex<AnyRegexOutput>] = []
        for expression in matcher.expressions {
            do {
                expressions.append(try Regex(expression))
            } catch {
                throw TraceAnalysisError(
                    .invalidRules,
                    "\(place).regex is \"\(expression)\", which is no regular expression",
                    cause: error
                )
            }
        }
        return Condition(matcher: matcher, expressions: expressions)
    }
}
