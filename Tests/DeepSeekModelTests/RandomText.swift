import InfraCore

/// Texts of scripts, signs and blanks in an order nobody writes.
enum RandomText {
    static let ranges: [ClosedRange<UInt32>] = [
        0x20...0x7E, 0x20...0x7E, 0x61...0x7A, 0x09...0x0D, 0x30...0x39, 0xA0...0x17F,
        0x300...0x36F, 0x400...0x44F, 0x900...0x97F, 0x3040...0x30FF, 0x4E00...0x9FA5,
        0xAC00...0xD7A3, 0x1F300...0x1F64F, 0x2000...0x206F,
    ]

    static func make(scalarCount: Int, using random: inout SeededRandom) -> String {
        var text = ""
        for _ in 0..<scalarCount {
            let range = ranges[Int.random(in: 0..<ranges.count, using: &random)]
            guard let scalar = Unicode.Scalar(UInt32.random(in: range, using: &random)) else {
                continue
            }
            text.unicodeScalars.append(scalar)
        }
        return text
    }
}
