import FoundationEssentials

#if canImport(Glibc)
    import Glibc
#endif

/// What every command prints through: figures as JSON on request, messages on stderr.
enum Console {
    /// Whether stderr is a terminal that can redraw a line.
    static var isInteractive: Bool { isatty(STDERR_FILENO) == 1 }

    /// Writes one line to stderr.
    static func writeError(_ line: String) {
        writeErrorRaw(line + "\n")
    }

    /// Writes text to stderr as it is, for lines that are redrawn.
    static func writeErrorRaw(_ text: String) {
        var text = text
        text.withUTF8 { bytes in
            _ = write(STDERR_FILENO, bytes.baseAddress, bytes.count)
        }
    }

    /// Prints `value` as one JSON object on stdout, keys sorted, so that outputs can be compared.
    static func printJSON(_ value: some Encodable) throws {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        let data = try encoder.encode(value)
        print(String(decoding: data, as: UTF8.self))
    }
}
