import InfraCore

/// Reads the JSON of a safetensors header in one pass over its bytes.
///
/// A general JSON library would build a tree first and would accept duplicate keys; this one
/// follows the header's grammar. Strictness is that of RFC 8259.
struct SafetensorsHeaderParser {
    private var scanner: JSONScanner

    init(_ bytes: UnsafeRawBufferPointer) {
        scanner = JSONScanner(bytes)
    }

    /// Parses the whole header.
    mutating func parse() throws(TensorError) -> (
        entries: [SafetensorsEntry], metadata: [String: String]
    ) {
        guard scanner.isNext("{") else {
            throw scanner.failure("the header must begin with {")
        }
        var entries: [SafetensorsEntry] = []
        var metadata: [String: String]?
        try scanner.object { (parser, key) throws(TensorError) in
            if key == "__metadata__" {
                guard metadata == nil else {
                    throw parser.failure("__metadata__ appears twice")
                }
                metadata = try Self.parseMetadata(&parser)
            } else {
                entries.append(try Self.parseEntry(&parser, name: key))
            }
        }
        try scanner.end()
        return (entries, metadata ?? [:])
    }

    private static func parseMetadata(
        _ scanner: inout JSONScanner
    ) throws(TensorError) -> [String: String] {
        var metadata: [String: String] = [:]
        try scanner.object { (scanner, key) throws(TensorError) in
            let value = try scanner.string()
            guard metadata.updateValue(value, forKey: key) == nil else {
                throw scanner.failure("metadata key \(key) appears twice")
            }
        }
        return metadata
    }

    private static func parseEntry(
        _ scanner: inout JSONScanner,
        name: String
    ) throws(TensorError) -> SafetensorsEntry {
        var dtypeName: String?
        var shape: [Int]?
        var offsets: [Int]?
        try scanner.object { (scanner, key) throws(TensorError) in
            let isRepeated: Bool
            switch key {
            case "dtype":
                isRepeated = dtypeName != nil
                dtypeName = try scanner.string()
            case "shape":
                isRepeated = shape != nil
                shape = try scanner.naturals(atMost: SafetensorsHeader.maximumRank)
            case "data_offsets":
                isRepeated = offsets != nil
                offsets = try scanner.naturals(atMost: 2)
            default:
                isRepeated = false
                try scanner.skipValue()
            }
            if isRepeated {
                throw scanner.failure("tensor \(name) has the key \(key) twice")
            }
        }
        guard let dtypeName, let shape, let offsets else {
            throw scanner.failure("tensor \(name) lacks dtype, shape or data_offsets")
        }
        guard offsets.count == 2, offsets[0] <= offsets[1] else {
            throw scanner.failure(
                "data_offsets of tensor \(name) are \(offsets); they must be a start and an end"
            )
        }
        return SafetensorsEntry(
            name: name,
            dtypeName: dtypeName,
            shape: shape,
            byteRange: offsets[0]..<offsets[1]
        )
    }
}
