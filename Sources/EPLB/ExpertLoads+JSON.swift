public import InfraCore

extension ExpertLoads {
    /// Reads a list of layers, each a list of loads, such as `[[90, 132.5], [20, 107]]`.
    ///
    /// Whole numbers are taken exactly before they are rounded to float32. The words that some
    /// programs write for what is no number (`NaN`, `Infinity`, `null`) are found and named.
    ///
    /// - Parameter json: UTF-8 text.
    /// - Throws: ``PlacementErrorCode/invalidLoads`` if the text is something else, and as
    ///   ``init(_:)-([[Double]])``.
    public init(json: some Sequence<UInt8>) throws(PlacementError) {
        var parser = LoadParser(bytes: Array(json))
        try self.init(try parser.layers())
    }
}

/// A parser of nested lists of numbers.
private struct LoadParser {
    let bytes: [UInt8]
    private var position = 0

    init(bytes: [UInt8]) { self.bytes = bytes }

    mutating func layers() throws(PlacementError) -> [[Float]] {
        var layers: [[Float]] = []
        try list("a list of layers") { parser throws(PlacementError) in
            var layer: [Float] = []
            try parser.list("layer \(layers.count), a list of loads") {
                parser throws(PlacementError) in
                layer.append(try parser.load(layer: layers.count, expert: layer.count))
            }
            layers.append(layer)
        }
        skipSpace()
        guard position == bytes.count else { throw unexpected("the end") }
        return layers
    }

    /// Calls `element` at each element of a list.
    private mutating func list(
        _ name: String,
        _ element: (inout LoadParser) throws(PlacementError) -> Void
    ) throws(PlacementError) {
        skipSpace()
        guard take("[") else { throw unexpected(name) }
        skipSpace()
        if take("]") { return }
        while true {
            try element(&self)
            skipSpace()
            if take("]") { return }
            guard take(",") else { throw unexpected("a comma or the end of \(name)") }
        }
    }

    private mutating func load(layer: Int, expert: Int) throws(PlacementError) -> Float {
        skipSpace()
        let start = position
        while position < bytes.count, !Self.endsNumber(bytes[position]) { position += 1 }
        let word = String(decoding: bytes[start..<position], as: UTF8.self)
        guard !word.isEmpty else { throw unexpected("a load") }
        let isNumber = word.utf8.allSatisfy { Self.digits.contains($0) }
        let value = Int(word).map(Float.init) ?? (isNumber ? Double(word).map { Float($0) } : nil)
        guard let value, value >= 0, value.isFinite else {
            throw PlacementError(
                .invalidLoads,
                "the load of layer \(layer), expert \(expert) is \(word.prefix(40)); loads must "
                    + "be finite float32 numbers of at least 0"
            )
        }
        return value
    }

    private static let digits = Array("0123456789+-.eE".utf8)

    private static func endsNumber(_ byte: UInt8) -> Bool {
        isSpace(byte) || byte == UInt8(ascii: ",") || byte == UInt8(ascii: "]")
            || byte == UInt8(ascii: "[")
    }

    private static func isSpace(_ byte: UInt8) -> Bool {
        byte == 0x20 || (0x09...0x0D).contains(byte)
    }

    private mutating func skipSpace() {
        while position < bytes.count, Self.isSpace(bytes[position]) { position += 1 }
    }

    private mutating func take(_ character: Unicode.Scalar) -> Bool {
        guard position < bytes.count, bytes[position] == UInt8(ascii: character) else {
            return false
        }
        position += 1
        return true
    }

    private func unexpected(_ wanted: String) -> PlacementError {
        let found =
            position < bytes.count
            ? "\"\(String(decoding: bytes[position...].prefix(10), as: UTF8.self))\""
            : "the end of the text"
        let line = bytes[..<position].count { $0 == 0x0A } + 1
        return PlacementError(
            .invalidLoads,
            "loads is no list of layers of numbers: line \(line) (byte \(position)) has "
                + "\(found.filter { !$0.isNewline }) where \(wanted) belongs"
        )
    }
}
