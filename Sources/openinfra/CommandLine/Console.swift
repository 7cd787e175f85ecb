import FoundationEssentials
import Synchronization

#if canImport(Glibc)
    import Glibc
#endif

/// What every command prints through: figures as JSON on request, messages on stderr.
enum Console {
    /// Whether stderr is a terminal that can redraw a line.
    static var isInteractive: Bool { isatty(STDERR_FILENO) == 1 }

    /// How many characters fit in a line of the terminal on stderr; 80 if nobody knows.
    static var columns: Int {
        var size = winsize()
        guard ioctl(STDERR_FILENO, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 0 else { return 80 }
        return Int(size.ws_col)
    }

    /// Whether a progress bar stands on the terminal's current line.
    private static let lineIsOpen = Mutex(false)

    /// Writes one line to stderr, below a progress bar if one stands there.
    static func writeError(_ line: String) {
        lineIsOpen.withLock { isOpen in
            writeToStandardError((isOpen ? "\n" : "") + line + "\n")
            isOpen = false
        }
    }

    /// Writes a progress bar or a line of progress to stderr.
    static func writeProgress(_ text: String) {
        lineIsOpen.withLock { isOpen in
            writeToStandardError(text)
            isOpen = !text.hasSuffix("\n")
        }
    }

    private static func writeToStandardError(_ text: String) {
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

    /// Hands everything printed so far to the system.
    ///
    /// - Throws: ``OutputFailure`` if it cannot be written, as on a full disk. A reader that went
    ///   away (`openinfra ... | head`) has what it wanted and is not an error.
    static func flush() throws(OutputFailure) {
        guard fflush(nil) != 0, errno != EPIPE else { return }
        throw OutputFailure(
            description: "cannot write to stdout: \(String(cString: strerror(errno)))"
        )
    }
}

/// What was printed did not arrive.
struct OutputFailure: Error, CustomStringConvertible {
    let description: String
}
