import FoundationEssentials
import InfraCore

/// Reads a trace of any size in bounded memory: one window of the text is there at a time, and
/// each entry is handed out as it passes.
///
/// Accepts an object with `traceEvents`, with other keys before and after, or a bare array; plain
/// or gzip. Anything else ends in an error that names the byte.
package final class TraceStreamReader {
    /// Header values up to this size are kept in ``properties``; larger ones are passed over.
    package static let maximumPropertyByteCount = 64 << 10

    private let path: String
    private let window: TraceWindow
    private var position = 0
    private var hasEvents = false

    /// What else the file's object holds, such as `distributedInfo`; complete when
    /// ``forEachEvent(_:)`` has returned.
    package private(set) var properties: [String: TraceValue] = [:]
    /// How many bytes of text passed so far.
    package var byteCount: Int { window.offset + position }

    /// Opens a file.
    ///
    /// - Throws: ``TraceErrorCode/fileFailure`` or ``TraceErrorCode/zlibMissing``.
    package init(path: String) throws(TraceError) {
        self.path = path
        window = TraceWindow(source: try TraceByteSource(path: path))
    }

    /// Reads the whole file.
    ///
    /// - Parameter body: Called for each entry in file order.
    /// - Throws: ``TraceErrorCode/malformedFile``, ``TraceErrorCode/truncatedFile`` or
    ///   ``TraceErrorCode/fileFailure``.
    package func forEachEvent(_ body: (RawTraceEvent) -> Void) throws(TraceError) {
        if try peek("{ or [") == 0xEF {
            // A byte order mark is no part of the text.
            try whole("the rest of a byte order mark") { (scanner) throws(TraceScanStop) in
                for byte: UInt8 in [0xEF, 0xBB, 0xBF] {
                    try scanner.expect(byte, "{ or [ at the start of a trace")
                }
            }
        }
        switch try peek("{ or [") {
        case UInt8(ascii: "["):
            try readEvents(body)
        case UInt8(ascii: "{"):
            try readObject(body)
            guard hasEvents else {
                throw TraceError(
                    .malformedFile,
                    "\(path) is no trace: its object ends at byte \(byteCount) without a list "
                        + "named traceEvents"
                )
            }
        default:
            throw unexpected(at: position, "{ or [ at the start of a trace")
        }
        if try !isAtEnd() {
            throw unexpected(at: position, "the end of the file")
        }
    }

    // MARK: - Structure

    private func readObject(_ body: (RawTraceEvent) -> Void) throws(TraceError) {
        position += 1
        if try peek("a key or }") == UInt8(ascii: "}") {
            position += 1
            return
        }
        while true {
            let key = try whole("a key") { (scanner) throws(TraceScanStop) in
                String(decoding: try scanner.text("a key in quotes").bytes, as: UTF8.self)
            }
            guard try peek("a colon") == UInt8(ascii: ":") else {
                throw unexpected(at: position, "a colon")
            }
            position += 1
            let first = try peek("a value")
            if key == "traceEvents" {
                guard first == UInt8(ascii: "[") else {
                    throw unexpected(at: position, "[ after traceEvents")
                }
                hasEvents = true
                try readEvents(body)
            } else {
                try readProperty(key)
            }
            switch try peek("a comma or }") {
            case UInt8(ascii: ","): position += 1
            case UInt8(ascii: "}"):
                position += 1
                return
            default: throw unexpected(at: position, "a comma or }")
            }
            _ = try peek("a key")
        }
    }

    private func readEvents(_ body: (RawTraceEvent) -> Void) throws(TraceError) {
        position += 1
        if try peek("an event or ]") == UInt8(ascii: "]") {
            position += 1
            return
        }
        while true {
            // As many events as the window holds; the one it ends in is read again after a refill.
            var scanner = self.scanner
            var stop: TraceScanStop?
            scan: do throws(TraceScanStop) {
                while true {
                    scanner.skipSpace()
                    var event = RawTraceEvent()
                    try scanner.event(&event)
                    scanner.skipSpace()
                    let next = try scanner.byte
                    guard next == UInt8(ascii: ",") || next == UInt8(ascii: "]") else {
                        throw .unexpected(
                            at: scanner.position,
                            expected: "a comma or ] after an event"
                        )
                    }
                    body(event)
                    scanner.position += 1
                    position = scanner.position
                    if next == UInt8(ascii: "]") { break scan }
                }
            } catch {
                stop = error
            }
            switch stop {
            case nil: return
            case .unexpected(let place, let expected):
                throw unexpected(at: place, "\(expected)")
            case .incomplete:
                try refill("the rest of an event, or ] at the end of the list")
            }
        }
    }

    /// Keeps a value of the header if it is small; passes over it in any case.
    private func readProperty(_ key: String) throws(TraceError) {
        while true {
            var scanner = self.scanner
            do throws(TraceScanStop) {
                try scanner.skipValue()
            } catch {
                if case .unexpected(let place, let expected) = error {
                    throw unexpected(at: place, "\(expected)")
                }
                if window.count - position > Self.maximumPropertyByteCount {
                    return try skipLargeValue()
                }
                try refill("the rest of the value of \(key)")
                continue
            }
            let count = scanner.position - position
            if count <= Self.maximumPropertyByteCount {
                let text = Data(UnsafeRawBufferPointer(start: window.base + position, count: count))
                do {
                    properties[key] = try JSONDecoder().decode(TraceValue.self, from: text)
                } catch {
                    throw TraceError(
                        .malformedFile,
                        "\(path): the value of \(key) at byte \(byteCount) is not JSON",
                        cause: error
                    )
                }
            }
            position = scanner.position
            return
        }
    }

    /// Passes over a list or object that may be larger than any window, token by token.
    private func skipLargeValue() throws(TraceError) {
        var depth = 0
        repeat {
            switch try peek("the rest of a value") {
            case UInt8(ascii: "{"), UInt8(ascii: "["):
                depth += 1
                position += 1
            case UInt8(ascii: "}"), UInt8(ascii: "]"):
                depth -= 1
                position += 1
            case UInt8(ascii: ","), UInt8(ascii: ":"):
                position += 1
            default:
                try whole("the rest of a value") { (scanner) throws(TraceScanStop) in
                    try scanner.skipValue()
                }
            }
        } while depth > 0
    }

    // MARK: - The window

    private var scanner: TraceScanner {
        TraceScanner(base: window.base, end: window.count, position: position)
    }

    /// Runs `body` on a window that holds the whole value, and moves past it.
    private func whole<Result>(
        _ expected: String,
        _ body: (inout TraceScanner) throws(TraceScanStop) -> Result
    ) throws(TraceError) -> Result {
        while true {
            var scanner = self.scanner
            do throws(TraceScanStop) {
                let result = try body(&scanner)
                position = scanner.position
                return result
            } catch {
                if case .unexpected(let place, let expected) = error {
                    throw unexpected(at: place, "\(expected)")
                }
            }
            try refill(expected)
        }
    }

    /// The next byte that is not white space, without moving past it.
    private func peek(_ expected: String) throws(TraceError) -> UInt8 {
        while true {
            var scanner = self.scanner
            scanner.skipSpace()
            position = scanner.position
            if position < window.count {
                return window.base.load(fromByteOffset: position, as: UInt8.self)
            }
            try refill(expected)
        }
    }

    private func isAtEnd() throws(TraceError) -> Bool {
        while true {
            var scanner = self.scanner
            scanner.skipSpace()
            position = scanner.position
            if position < window.count { return false }
            let hasMore = try window.refill(keepingFrom: position)
            position = 0
            if !hasMore { return true }
        }
    }

    private func refill(_ expected: String) throws(TraceError) {
        let hasMore = try window.refill(keepingFrom: position)
        position = 0
        guard hasMore else {
            throw TraceError(
                .truncatedFile,
                "\(path) is cut off: it ends at byte \(window.offset + window.count)"
                    + "\(unit); expected \(expected)"
            )
        }
    }

    private func unexpected(at place: Int, _ expected: String) -> TraceError {
        let found =
            place < window.count
            ? window.base.load(fromByteOffset: place, as: UInt8.self) : 0
        let shown =
            found >= 0x20 && found < 0x7F
            ? "\"\(Character(UnicodeScalar(found)))\"" : "0x" + String(found, radix: 16)
        return TraceError(
            .malformedFile,
            "\(path) is no trace: byte \(window.offset + place)\(unit) is \(shown); expected "
                + expected
        )
    }

    /// What byte offsets count in.
    private var unit: String { window.source.isCompressed ? " of the decompressed text" : "" }
}
