#if canImport(Glibc)
    import Glibc
#endif

/// The kinds of failure this module reports.
public struct CoreErrorCode: FailureCode {
    /// The module's name.
    public static let domain = "InfraCore"
    /// The code's stable name.
    public let name: String
    init(_ name: String) { self.name = name }

    /// No candidate of a shared library could be opened.
    public static let libraryMissing = CoreErrorCode("libraryMissing")
    /// A shared library lacks a function this program needs.
    public static let symbolMissing = CoreErrorCode("symbolMissing")
    /// A file could not be read, written, mapped or renamed.
    public static let fileFailure = CoreErrorCode("fileFailure")
}

/// An error of InfraCore.
public typealias CoreError = Failure<CoreErrorCode>

/// A shared library opened at run time.
///
/// OpenInfra links no optional component: it builds and starts on a machine that has none of
/// them, and says what is missing when a feature needs it. The library stays open until the
/// process ends, because function pointers taken from it have no owner.
public struct DynamicLibrary: @unchecked Sendable {
    // @unchecked: the handle is an opaque pointer that dlsym accepts from any thread.
    private let handle: UnsafeMutableRawPointer
    /// The candidate that could be opened.
    public let path: String

    /// Opens the first of several candidates that exists.
    ///
    /// - Parameters:
    ///   - candidates: File names or paths, best first.
    ///   - remedy: How to install the library, added to the error message.
    /// - Throws: ``CoreErrorCode/libraryMissing``, naming every candidate tried.
    public init(openingFirstOf candidates: [String], remedy: String) throws(CoreError) {
        var reasons: [String] = []
        for candidate in candidates {
            if let handle = dlopen(candidate, RTLD_NOW | RTLD_LOCAL) {
                self.handle = handle
                path = candidate
                return
            }
            reasons.append(dlerror().map { String(cString: $0) } ?? candidate)
        }
        throw CoreError(
            .libraryMissing,
            "cannot open \(candidates.joined(separator: " or ")) "
                + "(\(reasons.joined(separator: "; "))); \(remedy)"
        )
    }

    /// Looks a function up.
    ///
    /// - Parameters:
    ///   - name: The C symbol.
    ///   - type: The C function pointer type; the caller answers for its correctness.
    /// - Throws: ``CoreErrorCode/symbolMissing`` if the library lacks it.
    public func function<Function>(
        _ name: String,
        as type: Function.Type = Function.self
    ) throws(CoreError) -> Function {
        precondition(
            MemoryLayout<Function>.size == MemoryLayout<UnsafeMutableRawPointer>.size,
            "\(Function.self) is not a C function pointer"
        )
        guard let address = dlsym(handle, name) else {
            throw CoreError(.symbolMissing, "\(path) has no function \(name); install a newer one")
        }
        return unsafeBitCast(address, to: Function.self)
    }
}
