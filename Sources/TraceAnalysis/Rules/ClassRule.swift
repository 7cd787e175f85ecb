/// One line of the classification: what matches is of this class.
public struct ClassRule: Hashable, Sendable {
    /// The name under which times are summed, such as `gemm`.
    public var name: String
    /// What the class counts as.
    public var role: SpanRole
    /// Which spans are meant.
    public var matcher: SpanMatcher

    /// Creates a rule.
    ///
    /// - Parameters:
    ///   - name: The name under which times are summed.
    ///   - role: What the class counts as.
    ///   - matcher: Which spans are meant.
    public init(_ name: String, role: SpanRole, _ matcher: SpanMatcher) {
        self.name = name
        self.role = role
        self.matcher = matcher
    }
}
