import Foundation
import Tensors

/// What PyTorch answers, as scripts/make-dtype-tables.py recorded it.
struct TorchTables: Decodable {
    struct Table: Decodable {
        var decode: [UInt32]?
        var inputs: [String: Int]
        var crc32: [String: UInt32]
    }
    var formats: [String: Table]

    static func load() throws -> TorchTables {
        let url = Fixtures.folder.appending(path: "dtype-tables.json")
        return try JSONDecoder().decode(TorchTables.self, from: Data(contentsOf: url))
    }
}

enum Fixtures {
    static let folder = URL(filePath: #filePath)
        .deletingLastPathComponent().deletingLastPathComponent().appending(path: "Fixtures")
}

/// The checksum of zlib and PNG.
func crc32(_ bytes: UnsafeRawBufferPointer) -> UInt32 {
    var table = [UInt32](0..<256)
    for index in table.indices {
        for _ in 0..<8 {
            let isOdd = table[index] & 1 == 1
            table[index] = (table[index] >> 1) ^ (isOdd ? 0xEDB8_8320 : 0)
        }
    }
    var remainder: UInt32 = ~0
    for byte in bytes {
        remainder = table[Int((remainder ^ UInt32(byte)) & 0xFF)] ^ (remainder >> 8)
    }
    return ~remainder
}

/// A folder that exists while `body` runs.
func withTemporaryFolder<Result>(_ body: (URL) throws -> Result) throws -> Result {
    let folder = FileManager.default.temporaryDirectory.appending(path: UUID().uuidString)
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    return try body(folder)
}
