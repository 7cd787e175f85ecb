/// The pipeline schedules that this module generates.
///
/// Raw values are what the command line takes.
public enum PipelineKind: String, Sendable, CaseIterable, Codable {
    /// One forward, one backward (PipeDream-Flush): the classic schedule with least memory.
    case oneForwardOneBackward = "1f1b"
    /// ZB1P, the handcrafted ZB-H1 of "Zero Bubble Pipeline Parallelism" (Qi et al., 2023): weight
    /// gradients fill part of the bubble at 1F1B's memory.
    case zeroBubble = "zb1p"
    /// DualPipe (DeepSeek-V3 technical report, section 3.2.1): chunks enter at both ends, and
    /// forward and backward of opposite directions overlap. Every stage exists twice.
    case dualPipe = "dualpipe"
    /// DualPipeV: DualPipe cut in half. Rank `r` of `P` holds stages `r` and `2P-1-r`, once each.
    case dualPipeV = "dualpipev"

    /// Whether forward and backward of two chunks run as one overlapped operation.
    public var isBidirectional: Bool { self == .dualPipe || self == .dualPipeV }
}
