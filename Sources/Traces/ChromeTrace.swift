public import FoundationEssentials
public import InfraCore

/// A trace file as Chrome's tracing page, Perfetto and PyTorch's profiler read and write it.
public struct ChromeTrace: Hashable, Sendable {
    /// The entries, in file order.
    public var events: [TraceEvent]
    /// What else the file's object holds, such as `schemaVersion`.
    public var properties: [String: TraceValue]

    /// Creates a trace.
    public init(events: [TraceEvent] = [], properties: [String: TraceValue] = [:]) {
        self.events = events
        self.properties = properties
    }

    /// Reads a trace: an object with `traceEvents`, or a bare array of entries.
    ///
    /// - Parameter data: The whole file.
    /// - Throws: ``TraceErrorCode/malformedFile``.
    public init(json data: Data) throws(TraceError) {
        do {
            let firstByte = data.first { !" \n\r\t".utf8.contains($0) }
            if firstByte == UInt8(ascii: "[") {
                self.init(events: try JSONDecoder().decode([TraceEvent].self, from: data))
            } else {
                self = try JSONDecoder().decode(ChromeTrace.self, from: data)
            }
        } catch {
            throw TraceError(
                .malformedFile,
                "the trace is not an object with traceEvents or an array of events",
                cause: error
            )
        }
    }

    /// Reads a trace file.
    ///
    /// - Parameter path: The file; not compressed.
    /// - Throws: ``TraceErrorCode/fileFailure`` or ``TraceErrorCode/malformedFile``.
    public init(contentsOf path: String) throws(TraceError) {
        let data: Data
        do {
            data = try Data(contentsOf: URL(filePath: path))
        } catch {
            throw TraceError(.fileFailure, "cannot read trace file \(path)", cause: error)
        }
        try self.init(json: data)
    }

    /// The trace as a JSON object with `traceEvents`.
    ///
    /// - Throws: ``TraceErrorCode/malformedFile`` if a number is not finite, which JSON cannot
    ///   express.
    public func json() throws(TraceError) -> Data {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        do {
            return try encoder.encode(self)
        } catch {
            throw TraceError(
                .malformedFile,
                "the trace holds a number that JSON cannot express",
                cause: error
            )
        }
    }

    /// Writes a trace file; a file of that name is replaced in one piece.
    ///
    /// - Throws: ``TraceErrorCode/fileFailure``, or as ``json()``.
    public func write(to path: String) throws(TraceError) {
        let data = try json()
        do {
            try data.write(to: URL(filePath: path), options: .atomic)
        } catch {
            throw TraceError(.fileFailure, "cannot write trace file \(path)", cause: error)
        }
    }
}

extension ChromeTrace: Codable {
    private struct Key: CodingKey {
        var stringValue: String
        var intValue: Int? { nil }
        init(stringValue: String) { self.stringValue = stringValue }
        init?(intValue: Int) { nil }
        static let events = Key(stringValue: "traceEvents")
    }

    /// Reads an object with `traceEvents`.
    public init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: Key.self)
        events = try container.decode([TraceEvent].self, forKey: .events)
        properties = [:]
        for key in container.allKeys where key.stringValue != Key.events.stringValue {
            properties[key.stringValue] = try container.decode(TraceValue.self, forKey: key)
        }
    }

    /// Writes an object with `traceEvents`.
    public func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: Key.self)
        try container.encode(events, forKey: .events)
        for (key, value) in properties {
            try container.encode(value, forKey: Key(stringValue: key))
        }
    }
}
