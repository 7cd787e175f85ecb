/// The values of all 256 codes of an 8-bit format: a look-up beats arithmetic when decoding.
struct Float8Table: Sendable {
    private let values: [Float]

    static let e4m3 = Float8Table { Float8E4M3(bitPattern: $0).floatValue }
    static let e5m2 = Float8Table { Float8E5M2(bitPattern: $0).floatValue }

    private init(_ value: (UInt8) -> Float) {
        values = (0...UInt8.max).map(value)
    }

    /// Decodes `count` codes.
    func decode(_ source: UnsafeRawPointer, _ target: UnsafeMutablePointer<Float>, _ count: Int) {
        let codes = source.assumingMemoryBound(to: UInt8.self)
        values.withUnsafeBufferPointer { table in
            guard let base = table.baseAddress else { return }
            var index = 0
            while index < count {
                target[index] = base[Int(codes[index])]
                index &+= 1
            }
        }
    }
}
