/// One operation of one rank. A schedule is nothing but lists of these.
public enum PipelineOp: Hashable, Sendable {
    /// F: the forward pass of a chunk.
    case forward(PipelineCell)
    /// B: the full backward pass of a chunk, input and weight gradients.
    case backward(PipelineCell)
    /// Bi: the input-gradient half of a backward pass; a ``backwardWeight(_:)`` follows later.
    case backwardInput(PipelineCell)
    /// W: the weight-gradient half that an earlier ``backwardInput(_:)`` left behind.
    case backwardWeight(PipelineCell)
    /// F&B: a forward pass and a full backward pass of another chunk, overlapped.
    case overlapped(forward: PipelineCell, backward: PipelineCell)

    /// The short name used in files and pictures: F, B, Bi, W, F&B.
    public var symbol: String {
        switch self {
        case .forward: "F"
        case .backward: "B"
        case .backwardInput: "Bi"
        case .backwardWeight: "W"
        case .overlapped: "F&B"
        }
    }

    /// The chunk that runs forward, if any.
    public var forwardCell: PipelineCell? {
        switch self {
        case .forward(let cell), .overlapped(let cell, _): cell
        default: nil
        }
    }

    /// The chunk whose input gradient is computed, if any.
    public var backwardCell: PipelineCell? {
        switch self {
        case .backward(let cell), .backwardInput(let cell), .overlapped(_, let cell): cell
        default: nil
        }
    }

    /// The chunk whose weight gradient is computed, if any.
    public var weightCell: PipelineCell? {
        switch self {
        case .backward(let cell), .backwardWeight(let cell), .overlapped(_, let cell): cell
        default: nil
        }
    }
}

extension PipelineOp: CustomStringConvertible {
    /// The symbol with phase, then the chunk, such as `F0 chunk 3` or `F0 chunk 3 & B1 chunk 2`.
    public var description: String {
        switch self {
        case .forward(let cell), .backward(let cell), .backwardInput(let cell),
            .backwardWeight(let cell):
            "\(symbol)\(cell.phase) chunk \(cell.chunk)"
        case .overlapped(let forward, let backward):
            "F\(forward.phase) chunk \(forward.chunk) & B\(backward.phase) chunk \(backward.chunk)"
        }
    }
}
