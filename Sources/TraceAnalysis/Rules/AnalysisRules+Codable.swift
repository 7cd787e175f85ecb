public import FoundationEssentials
public import InfraCore

/// The form of rules in files:
///
///     {"classes": [{"class": "gemm", "role": "compute", "contains": ["GemmKernel"]}],
///      "waits": [{"regex": "notify|barrier"}],
///      "replaceDefaults": false}
///
/// Conditions may be a text or a list of texts. `role` may be left out: it is `communication` for a
/// class of that name and `compute` otherwise.
extension AnalysisRules {
    /// Reads a file of rules.
    ///
    /// - Throws: ``TraceAnalysisErrorCode/fileFailure`` or ``TraceAnalysisErrorCode/invalidRules``.
    public init(contentsOf path: String) throws(TraceAnalysisError) {
        let data: Data
        do {
            data = try Data(contentsOf: URL(filePath: path))
        } catch {
            throw TraceAnalysisError(.fileFailure, "cannot read rules \(path)", cause: error)
        }
        do throws(TraceAnalysisError) {
            try self.init(json: data)
        } catch {
            throw TraceAnalysisError(error.code, "rules \(path)", cause: error)
        }
    }

    /// Reads rules.
    ///
    /// What is not given keeps its default; classes and waits are put before the built-in ones,
    /// unless `replaceDefaults` is true.
    ///
    /// - Throws: ``TraceAnalysisErrorCode/invalidRules``, naming the rule and what is wrong.
    public init(json: Data) throws(TraceAnalysisError) {
        let value: RuleValue
        do {
            value = try JSONDecoder().decode(RuleValue.self, from: json)
        } catch {
            throw TraceAnalysisError(.invalidRules, "the rules are not JSON", cause: error)
        }
        let reader = RuleReader(value, path: "")
        try reader.allow([
            "classes", "waits", "replaceDefaults", "deviceCategories", "launchCategories",
            "annotationCategories", "ignoredCategories",
        ])
        var classes: [ClassRule] = []
        for rule in try reader.list("classes") { classes.append(try rule.classRule()) }
        var waits: [SpanMatcher] = []
        for rule in try reader.list("waits") {
            try rule.allow(RuleReader.conditionKeys)
            waits.append(try rule.matcher())
        }
        let defaults = AnalysisRules.standard
        let replaces = try reader.flag("replaceDefaults")
        self.init(
            classes: classes + (replaces ? [] : defaults.classes),
            waits: waits + (replaces ? [] : defaults.waits),
            deviceCategories: try reader.texts("deviceCategories") ?? defaults.deviceCategories,
            launchCategories: try reader.texts("launchCategories") ?? defaults.launchCategories,
            annotationCategories: try reader.texts("annotationCategories")
                ?? defaults.annotationCategories,
            ignoredCategories: try reader.texts("ignoredCategories")
                ?? defaults.ignoredCategories
        )
        // An expression that is none shall be an error of the rules, not of the analysis later.
        _ = try SpanClassifier(self)
    }
}
