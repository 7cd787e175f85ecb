import Operators
import Tensors

/// A mixture of experts: a gate, routed experts, and a shared expert that every token visits.
struct MixtureOfExperts: Sendable {
    /// `[E, hidden]`, float32.
    let gate: HostTensor
    /// `[E]`, float32: steers the choice, not the weights.
    let correctionBias: HostTensor
    let router: ExpertRouter
    let experts: [FeedForward]
    let shared: FeedForward?

    /// Applies the layer to `[T, hidden]`.
    func forward(_ x: HostTensor, executor: any ExpertExecutor) throws -> HostTensor {
        let routing = try router.route(
            logits: try Linear.forward(x, weight: gate),
            bias: correctionBias
        )
        let routed = try executor.run(tokens: x, routing: routing, experts: experts)
        guard let shared else { return routed }
        return try Accumulate.sum(routed, try shared.forward(x))
    }
}
