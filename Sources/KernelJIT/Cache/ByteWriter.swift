/// Builds files and keys: numbers in little-endian order, strings and blocks behind their length, so
/// that no two lists of values give the same bytes.
struct ByteWriter {
    private(set) var bytes: [UInt8] = []

    mutating func append(count: Int) {
        withUnsafeBytes(of: UInt64(count).littleEndian) { bytes.append(contentsOf: $0) }
    }

    mutating func append(block: [UInt8]) {
        append(count: block.count)
        bytes.append(contentsOf: block)
    }

    mutating func append(string: String) { append(block: Array(string.utf8)) }
}

/// Reads what a ``ByteWriter`` wrote; `nil` where the bytes end too early.
struct ByteReader {
    private let bytes: ArraySlice<UInt8>
    private var position: Int

    init(_ bytes: ArraySlice<UInt8>) {
        self.bytes = bytes
        position = bytes.startIndex
    }

    var isAtEnd: Bool { position == bytes.endIndex }

    mutating func count() -> Int? {
        guard bytes.endIndex - position >= 8 else { return nil }
        var value: UInt64 = 0
        for offset in (0..<8).reversed() { value = value << 8 | UInt64(bytes[position + offset]) }
        position += 8
        return Int(exactly: value)
    }

    mutating func block() -> [UInt8]? {
        guard let length = count(), length <= bytes.endIndex - position else { return nil }
        defer { position += length }
        return Array(bytes[position..<position + length])
    }

    mutating func string() -> String? {
        block().map { String(decoding: $0, as: UTF8.self) }
    }
}
