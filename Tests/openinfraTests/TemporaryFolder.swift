import Foundation

/// A new empty folder that is removed when the last reference goes away.
final class TemporaryFolder: Sendable {
    /// Where the folder is.
    let url: URL

    init() throws {
        url = FileManager.default.temporaryDirectory
            .appendingPathComponent("openinfra-test-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
    }

    deinit { try? FileManager.default.removeItem(at: url) }

    /// The path of the folder.
    var path: String { url.path }

    /// The location of a file in the folder.
    func file(_ name: String) -> URL { url.appendingPathComponent(name) }

    /// Writes a file into the folder.
    ///
    /// - Returns: The file's path.
    @discardableResult
    func write(_ text: String, to name: String) throws -> String {
        let target = file(name)
        try FileManager.default.createDirectory(
            at: target.deletingLastPathComponent(),
            withIntermediateDirectories: true
        )
        try Data(text.utf8).write(to: target)
        return target.path
    }
}
