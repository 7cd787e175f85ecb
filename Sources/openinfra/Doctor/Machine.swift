/// Everything the probes ask of a machine, as functions, so that a test can plant another machine.
package struct Machine: Sendable {
    /// The text of a file, or nil if it cannot be read.
    package var contents: @Sendable (_ path: String) -> String?
    /// The files and folders that match a shell pattern, sorted.
    package var matches: @Sendable (_ pattern: String) -> [String]
    /// Whether a file can be opened for reading and writing, or run if `execute`.
    package var isAccessible: @Sendable (_ path: String, _ execute: Bool) -> Bool
    /// The size of the file system that holds a path and what is free of it, in bytes.
    package var capacityBytes: @Sendable (_ path: String) -> (total: UInt64, free: UInt64)?
    /// The environment variables.
    package var variables: [String: String]
    /// Opens a library and asks it about itself.
    package var library: @Sendable (LibraryProbe) -> LibraryAnswer
    /// Multiplies two small matrices with OpenBLAS.
    package var multiply: @Sendable () -> ProductAnswer
    /// The error number that `io_uring_setup` returns for impossible arguments.
    package var ioUringSetupErrno: @Sendable () -> Int32

    /// Creates a machine from its answers.
    package init(
        contents: @escaping @Sendable (String) -> String?,
        matches: @escaping @Sendable (String) -> [String],
        isAccessible: @escaping @Sendable (String, Bool) -> Bool,
        capacityBytes: @escaping @Sendable (String) -> (total: UInt64, free: UInt64)?,
        variables: [String: String],
        library: @escaping @Sendable (LibraryProbe) -> LibraryAnswer,
        multiply: @escaping @Sendable () -> ProductAnswer,
        ioUringSetupErrno: @escaping @Sendable () -> Int32
    ) {
        self.contents = contents
        self.matches = matches
        self.isAccessible = isAccessible
        self.capacityBytes = capacityBytes
        self.variables = variables
        self.library = library
        self.multiply = multiply
        self.ioUringSetupErrno = ioUringSetupErrno
    }

    /// The path of a command on PATH, or nil.
    package func command(_ name: String) -> String? {
        (variables["PATH"] ?? "")
            .split(separator: ":")
            .map { "\($0)/\(name)" }
            .first { isAccessible($0, true) }
    }
}

/// What came of asking a library about itself.
package enum LibraryAnswer: Sendable, Equatable {
    /// It was opened from `path` and said `version`.
    case answered(path: String, version: String)
    /// None of the candidates could be opened.
    case absent
    /// It was opened, but cannot be used.
    case broken(String)
}

/// What came of a small product with OpenBLAS.
package enum ProductAnswer: Sendable, Equatable {
    /// The product was right.
    case right(path: String, configuration: String)
    /// The product was wrong.
    case wrong(path: String, String)
    /// The library could not be opened.
    case unavailable(String)
}
