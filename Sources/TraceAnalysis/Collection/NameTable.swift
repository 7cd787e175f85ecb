import Traces

/// Texts as small numbers: each different one is stored once, however often a trace repeats it.
struct NameTable {
    /// Beyond this many bytes of different texts, new ones share one number: a trace that puts a
    /// counter into every name must not take the machine's memory.
    static let maximumByteCount = 256 << 20
    static let overflowText = "(more names than are kept apart)"

    private var bytes: [UInt8] = []
    /// Where each text begins; the next one's beginning is its end.
    private var starts: [Int] = [0]
    private var hashes: [UInt64] = []
    /// Open addressing, a power of two of slots; -1 is empty.
    private var slots: [Int32] = Array(repeating: -1, count: 1024)
    private var overflow: Int32?

    /// How many different texts there are.
    var count: Int { hashes.count }

    /// The text with a number.
    subscript(index: Int32) -> String {
        String(decoding: bytes[starts[Int(index)]..<starts[Int(index) + 1]], as: UTF8.self)
    }

    /// The number of a text of the file, new or known.
    mutating func index(of text: RawTraceText) -> Int32 {
        if text.hasEscapes {
            return index(of: JSONEscapes.unescaped(text.bytes))
        }
        return index(of: text.bytes)
    }

    /// The number of a text, new or known.
    mutating func index(of text: String) -> Int32 {
        var text = text
        return text.withUTF8 { index(of: UnsafeRawBufferPointer($0)) }
    }

    private mutating func index(of text: UnsafeRawBufferPointer) -> Int32 {
        let hash = Self.hash(text)
        let mask = slots.count - 1
        var slot = Int(truncatingIfNeeded: hash) & mask
        while slots[slot] >= 0 {
            let candidate = Int(slots[slot])
            if hashes[candidate] == hash, isEqual(candidate, text) { return Int32(candidate) }
            slot = (slot + 1) & mask
        }
        if let overflow { return overflow }
        if bytes.count + text.count > Self.maximumByteCount {
            // This last new text stands for all that follow.
            let last = Int32(count)
            overflow = last
            hashes.append(0)
            bytes.append(contentsOf: Self.overflowText.utf8)
            starts.append(bytes.count)
            return last
        }
        slots[slot] = Int32(count)
        hashes.append(hash)
        bytes.append(contentsOf: text)
        starts.append(bytes.count)
        if count * 2 > slots.count { grow() }
        return Int32(count - 1)
    }

    private func isEqual(_ index: Int, _ text: UnsafeRawBufferPointer) -> Bool {
        let start = starts[index]
        guard starts[index + 1] - start == text.count else { return false }
        return bytes.withUnsafeBytes { stored in
            UnsafeRawBufferPointer(rebasing: stored[start..<start + text.count])
                .elementsEqual(text)
        }
    }

    private mutating func grow() {
        slots = Array(repeating: -1, count: slots.count * 2)
        let mask = slots.count - 1
        for (index, hash) in hashes.enumerated() {
            var slot = Int(truncatingIfNeeded: hash) & mask
            while slots[slot] >= 0 { slot = (slot + 1) & mask }
            slots[slot] = Int32(index)
        }
    }

    /// Eight bytes at a time, multiplied and folded; texts are not chosen by an enemy who gains
    /// anything by slowing his own analysis down.
    private static func hash(_ text: UnsafeRawBufferPointer) -> UInt64 {
        var hash = UInt64(text.count) &* 0x9E37_79B9_7F4A_7C15
        var offset = 0
        while offset + 8 <= text.count {
            let word = text.loadUnaligned(fromByteOffset: offset, as: UInt64.self)
            let product = (hash ^ word).multipliedFullWidth(by: 0xD6E8_FEB8_6659_FD93)
            hash = product.high ^ product.low
            offset += 8
        }
        while offset < text.count {
            hash = (hash ^ UInt64(text[offset])) &* 0x100_0000_01B3
            offset += 1
        }
        return hash ^ (hash >> 29)
    }
}
