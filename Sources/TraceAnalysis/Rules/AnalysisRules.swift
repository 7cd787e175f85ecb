/// How spans are told apart.
///
/// The first class whose rule matches counts. What no rule matches is computing of class `other`.
public struct AnalysisRules: Hashable, Sendable {
    /// The classes, in the order in which they are tried.
    public var classes: [ClassRule]
    /// Which spans of role ``SpanRole/communication`` wait for other ranks instead of moving data.
    public var waits: [SpanMatcher]
    /// Categories of what ran on a device. If a trace has any, these spans are analysed, one rank a
    /// device, and the host's spans only explain them.
    public var deviceCategories: [String]
    /// Categories of the calls that launch device work, joined by `args.correlation`.
    public var launchCategories: [String]
    /// Categories of the host's spans that name pieces of the program.
    public var annotationCategories: [String]
    /// Categories that are never analysed as work of a rank.
    public var ignoredCategories: [String]

    /// The class of what no rule matches.
    public static let otherClass = "other"

    /// Creates rules.
    ///
    /// - Parameters:
    ///   - classes: The classes, in the order in which they are tried.
    ///   - waits: Which communication waits.
    ///   - deviceCategories: Categories of what ran on a device.
    ///   - launchCategories: Categories of the calls that launch device work.
    ///   - annotationCategories: Categories of spans that name pieces of the program.
    ///   - ignoredCategories: Categories that are never work of a rank.
    public init(
        classes: [ClassRule] = AnalysisRules.standard.classes,
        waits: [SpanMatcher] = AnalysisRules.standard.waits,
        deviceCategories: [String] = AnalysisRules.standard.deviceCategories,
        launchCategories: [String] = AnalysisRules.standard.launchCategories,
        annotationCategories: [String] = AnalysisRules.standard.annotationCategories,
        ignoredCategories: [String] = AnalysisRules.standard.ignoredCategories
    ) {
        self.classes = classes
        self.waits = waits
        self.deviceCategories = deviceCategories
        self.launchCategories = launchCategories
        self.annotationCategories = annotationCategories
        self.ignoredCategories = ignoredCategories
    }
}
