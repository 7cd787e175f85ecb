/// The kinds of failure one module may report.
///
/// A code is a struct with static members, not an enum, so that a module can add kinds without
/// breaking an exhaustive `switch` of its users.
public protocol FailureCode: Sendable, Hashable, CustomStringConvertible {
    /// The module's name, as it appears in front of a message.
    static var domain: String { get }
    /// The code's stable name, such as `shapeMismatch`.
    var name: String { get }
}

extension FailureCode {
    /// The domain and name, joined by a dot.
    public var description: String { "\(Self.domain).\(name)" }
}

/// An error of one module: a code to act on, a sentence to read, and where it arose.
///
/// The message names the argument, the value found and the value allowed. Each module declares
/// `typealias TensorError = Failure<TensorErrorCode>` and throws that type.
public struct Failure<Code: FailureCode>: Error, Sendable, CustomStringConvertible {
    /// What kind of failure this is.
    public var code: Code
    /// One sentence: the argument, the value found, the value allowed, the remedy.
    public var message: String
    /// The error that led to this one, if another layer failed first.
    public var cause: (any Error)?
    /// The file that threw, relative to its module.
    public var file: String
    /// The line that threw.
    public var line: Int

    /// Creates an error.
    ///
    /// - Parameters:
    ///   - code: What kind of failure this is.
    ///   - message: One sentence that names the argument, the value found and the value allowed.
    ///   - cause: The error that led to this one.
    ///   - file: Filled in by the compiler.
    ///   - line: Filled in by the compiler.
    public init(
        _ code: Code,
        _ message: String,
        cause: (any Error)? = nil,
        file: String = #fileID,
        line: Int = #line
    ) {
        self.code = code
        self.message = message
        self.cause = cause
        self.file = file
        self.line = line
    }

    /// The message, followed by the cause's where there is one.
    public var description: String {
        guard let cause else { return message }
        return "\(message): \(cause)"
    }
}
