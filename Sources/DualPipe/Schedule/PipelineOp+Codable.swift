/// The readable JSON form: `{"kind":"F","phase":0,"chunk":3}`, and for an overlapped pair
/// `{"kind":"F&B","forward":{"phase":0,"chunk":3},"backward":{"phase":1,"chunk":2}}`.
extension PipelineOp: Codable {
    private enum Key: String, CodingKey {
        case kind, phase, chunk, forward, backward
    }

    /// Writes the JSON object described above.
    public func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: Key.self)
        try container.encode(symbol, forKey: .kind)
        switch self {
        case .forward(let cell), .backward(let cell), .backwardInput(let cell),
            .backwardWeight(let cell):
            try container.encode(cell.phase, forKey: .phase)
            try container.encode(cell.chunk, forKey: .chunk)
        case .overlapped(let forward, let backward):
            try container.encode(forward, forKey: .forward)
            try container.encode(backward, forKey: .backward)
        }
    }

    /// Reads the JSON object described above.
    ///
    /// - Throws: `DecodingError` for an unknown kind or a missing key.
    public init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: Key.self)
        let kind = try container.decode(String.self, forKey: .kind)
        func cell() throws -> PipelineCell {
            PipelineCell(
                phase: try container.decode(Int.self, forKey: .phase),
                chunk: try container.decode(Int.self, forKey: .chunk)
            )
        }
        switch kind {
        case "F": self = .forward(try cell())
        case "B": self = .backward(try cell())
        case "Bi": self = .backwardInput(try cell())
        case "W": self = .backwardWeight(try cell())
        case "F&B":
            self = .overlapped(
                forward: try container.decode(PipelineCell.self, forKey: .forward),
                backward: try container.decode(PipelineCell.self, forKey: .backward)
            )
        default:
            throw DecodingError.dataCorruptedError(
                forKey: .kind,
                in: container,
                debugDescription: "kind is \(kind); it must be F, B, Bi, W or F&B"
            )
        }
    }
}
