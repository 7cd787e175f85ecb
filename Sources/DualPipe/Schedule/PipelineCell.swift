/// One chunk in one of a rank's stages.
public struct PipelineCell: Hashable, Sendable, Codable {
    /// Which of the rank's stages: 0, or 1 where ranks hold two (see ``PipelineTopology``).
    public var phase: Int
    /// Which chunk of the route that passes through that stage, from 0.
    public var chunk: Int

    /// Names a chunk in a stage.
    public init(phase: Int, chunk: Int) {
        self.phase = phase
        self.chunk = chunk
    }
}
