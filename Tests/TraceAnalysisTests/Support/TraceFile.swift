import Foundation

/// A file that lives as long as the test holds it.
final class TraceFile {
    let path: String

    init(_ text: String, name: String = "trace.json") throws {
        path = try Self.place(name)
        try Data(text.utf8).write(to: URL(fileURLWithPath: path))
    }

    init(bytes: [UInt8], name: String = "trace.json.gz") throws {
        path = try Self.place(name)
        try Data(bytes).write(to: URL(fileURLWithPath: path))
    }

    deinit { try? FileManager.default.removeItem(atPath: path) }

    private static func place(_ name: String) throws -> String {
        FileManager.default.temporaryDirectory
            .appendingPathComponent("\(UUID().uuidString)-\(name)").path
    }
}
