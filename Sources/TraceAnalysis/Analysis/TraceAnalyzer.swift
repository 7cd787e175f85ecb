import InfraCore
public import Traces

/// Measures in a trace how far communication is hidden behind computing.
///
/// Reading needs bounded memory: the text passes through a window, and of its entries only what
/// ran on a device, the launches and the annotations are kept, as numbers. The work is O(n log n)
/// in what is kept; reading dominates.
public struct TraceAnalyzer: Sendable {
    /// How spans are told apart.
    public var rules: AnalysisRules
    /// How many stretches of exposed communication are listed for each rank.
    public var exposedPieceLimit = 10

    /// Creates an analyser.
    ///
    /// - Parameter rules: How spans are told apart.
    public init(rules: AnalysisRules = .standard) { self.rules = rules }

    /// Analyses a file: a Chrome trace, as PyTorch's profiler writes it, plain or gzip.
    ///
    /// - Parameter path: The file; may be larger than memory.
    /// - Returns: The figures of each rank.
    /// - Throws: `TraceError` if the file cannot be read, is cut off (its last byte is named) or is
    ///   no trace (the first wrong byte is named); ``TraceAnalysisErrorCode/noSpans`` if there is
    ///   nothing to analyse; ``TraceAnalysisErrorCode/invalidRules``.
    public func analyze(contentsOf path: String) throws -> TraceSummary {
        let classifier = try SpanClassifier(rules)
        let reader = try TraceStreamReader(path: path)
        let collector = SpanCollector(rules)
        try reader.forEachEvent { collector.add($0) }
        return try summary(
            of: collector,
            classifier,
            properties: reader.properties,
            source: path,
            byteCount: reader.byteCount
        )
    }

    /// Analyses a trace that is in memory, such as one just recorded.
    ///
    /// - Throws: As ``analyze(contentsOf:)``.
    public func analyze(_ trace: ChromeTrace) throws -> TraceSummary {
        let classifier = try SpanClassifier(rules)
        let collector = SpanCollector(rules)
        for event in trace.events { collector.add(event) }
        return try summary(
            of: collector,
            classifier,
            properties: trace.properties,
            source: "",
            byteCount: 0
        )
    }

    private func summary(
        of collector: SpanCollector,
        _ classifier: SpanClassifier,
        properties: [String: TraceValue],
        source: String,
        byteCount: Int
    ) throws -> TraceSummary {
        let header = TraceHeader(properties)
        let ranks = RankSpans.all(
            in: collector,
            classifier: classifier,
            distributedRank: header.rank
        )
        guard !ranks.isEmpty else {
            throw TraceAnalysisError(
                .noSpans,
                "\(source.isEmpty ? "the trace" : source) has \(collector.eventCount) entries, "
                    + "\(collector.spanCount) of them spans, and none is work of a rank: expected "
                    + "spans of category \(rules.deviceCategories.joined(separator: ", ")), or "
                    + "spans of a program's own categories"
            )
        }
        return TraceSummary(
            source: source,
            eventCount: collector.eventCount,
            byteCount: byteCount,
            ranks: ranks.map { rank in
                RankAnalysis(
                    rank: rank,
                    collector: collector,
                    classNames: classifier.classNames,
                    multiprocessorCount: header.multiprocessorCount,
                    exposedPieceLimit: exposedPieceLimit
                ).summary()
            }
        )
    }
}
