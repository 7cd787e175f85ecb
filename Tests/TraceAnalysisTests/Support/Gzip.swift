/// gzip without compression (RFC 1951, 3.2.4; RFC 1952): enough to test a reader, and its bytes
/// are known.
enum Gzip {
    /// One member that holds `text` in stored blocks.
    static func member(_ text: [UInt8]) -> [UInt8] {
        var result: [UInt8] = [0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 255]
        var rest = text[...]
        repeat {
            let block = rest.prefix(65535)
            rest = rest.dropFirst(block.count)
            let length = UInt16(block.count)
            result.append(rest.isEmpty ? 1 : 0)
            result += bytes(length)
            result += bytes(~length)
            result += block
        } while !rest.isEmpty
        return result + bytes(checksum(text)) + bytes(UInt32(text.count))
    }

    private static func bytes(_ value: some FixedWidthInteger) -> [UInt8] {
        withUnsafeBytes(of: value.littleEndian) { Array($0) }
    }

    private static func checksum(_ bytes: [UInt8]) -> UInt32 {
        var state = UInt32.max
        for byte in bytes {
            state ^= UInt32(byte)
            for _ in 0..<8 { state = state & 1 == 0 ? state >> 1 : (state >> 1) ^ 0xEDB8_8320 }
        }
        return ~state
    }
}
