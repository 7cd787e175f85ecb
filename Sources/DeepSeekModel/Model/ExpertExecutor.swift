public import Operators
public import Tensors

/// Where routed experts run: the seam that expert parallelism and grouped GEMM replace.
public protocol ExpertExecutor: Sendable {
    /// Sends each token to its experts, and sums what they return by weight.
    ///
    /// - Parameters:
    ///   - tokens: `[T, hidden]`, float32.
    ///   - routing: Each token's experts and their weights.
    ///   - experts: The routed experts, by number.
    /// - Returns: `[T, hidden]`, float32.
    func run(
        tokens: HostTensor,
        routing: ExpertRouter.Routing,
        experts: [FeedForward]
    ) throws -> HostTensor
}
