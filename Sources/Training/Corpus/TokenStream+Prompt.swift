extension TokenStream {
    /// A piece of held-out text that begins with a line and a letter and ends with a word: what a
    /// sample of a byte-level model can continue.
    ///
    /// - Parameter maximumLength: How many bytes at most.
    /// - Returns: The text; a fixed word if the held-out part has no such line.
    public func heldOutPrompt(maximumLength: Int = 60) -> String {
        // From the middle of the corpus on: its beginning is often a licence or an index.
        let blocks = heldOut[(heldOut.count / 2)...] + heldOut[..<(heldOut.count / 2)]
        for block in blocks {
            let bytes = block.map { UInt8(clamping: $0) }
            for line in bytes.split(separator: UInt8(ascii: "\n")) where line.count > maximumLength
            {
                guard let first = line.first, first >= UInt8(ascii: "A"),
                    first <= UInt8(ascii: "Z")
                else { continue }
                let piece = line.prefix(maximumLength)
                guard piece.allSatisfy(Self.isProse) else { continue }
                guard let space = piece.lastIndex(of: UInt8(ascii: " ")) else { continue }
                return String(decoding: piece[..<space], as: UTF8.self)
            }
        }
        return "The"
    }

    /// Letters, spaces, commas and apostrophes: no markup, no code.
    private static func isProse(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: " "), UInt8(ascii: ","), UInt8(ascii: "'"):
            true
        default: false
        }
    }
}
