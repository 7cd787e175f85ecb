/// How a pass through the model is computed.
public struct ForwardOptions: Sendable {
    /// Which of MLA's two forms computes attention; both give the same numbers up to rounding.
    public enum AttentionForm: Sendable {
        /// Absorbed where a step has few new tokens, expanded where it has many.
        case automatic
        /// On the latents, with the expansions absorbed into query and output: least memory.
        case absorbed
        /// With each head's keys and values expanded: fewest operations when tokens are many.
        case expanded
    }

    /// For which positions logits are computed.
    public enum LogitSelection: Sendable {
        /// Every token of the step.
        case all
        /// The last token of each sequence of the step.
        case last
    }

    /// Which form of attention.
    public var attentionForm: AttentionForm
    /// Which logits.
    public var logits: LogitSelection
    /// Computes attention.
    public var attention: any AttentionExecutor
    /// Runs the routed experts.
    public var experts: any ExpertExecutor

    /// In automatic form, steps with more tokens than this for one sequence are expanded.
    static let absorptionTokenLimit = 8

    /// Creates options; by default everything runs on the CPU, in the cheaper form.
    public init(
        attentionForm: AttentionForm = .automatic,
        logits: LogitSelection = .all,
        attention: any AttentionExecutor = CPUAttention(),
        experts: any ExpertExecutor = CPUExperts()
    ) {
        self.attentionForm = attentionForm
        self.logits = logits
        self.attention = attention
        self.experts = experts
    }

    func usesAbsorption(for step: Step) -> Bool {
        switch attentionForm {
        case .automatic: step.spans.allSatisfy { $0.count <= Self.absorptionTokenLimit }
        case .absorbed: true
        case .expanded: false
        }
    }
}
