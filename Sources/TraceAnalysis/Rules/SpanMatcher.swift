/// Which spans are meant. Every condition that is given must hold; lists are alternatives.
///
/// The three name conditions are alternatives of each other: a name that contains one of the texts
/// *or* begins with one of them *or* matches one of the expressions is meant.
public struct SpanMatcher: Hashable, Sendable {
    /// Texts of which the name contains one; case counts.
    public var contains: [String]
    /// Texts with one of which the name begins.
    public var prefixes: [String]
    /// Regular expressions (Swift's, a superset of the usual syntax) of which one matches somewhere
    /// in the name.
    public var expressions: [String]
    /// Categories (`cat`) of which the span has one.
    public var categories: [String]
    /// Streams on one of which the span runs; without GPU, threads.
    public var streams: [String]

    /// Sets the conditions; one that is empty always holds.
    ///
    /// - Parameters:
    ///   - contains: Texts of which the name contains one.
    ///   - prefixes: Texts with one of which the name begins.
    ///   - expressions: Regular expressions of which one matches in the name.
    ///   - categories: Categories of which the span has one.
    ///   - streams: Streams, or threads, on one of which the span runs.
    public init(
        contains: [String] = [],
        prefixes: [String] = [],
        expressions: [String] = [],
        categories: [String] = [],
        streams: [String] = []
    ) {
        self.contains = contains
        self.prefixes = prefixes
        self.expressions = expressions
        self.categories = categories
        self.streams = streams
    }
}
