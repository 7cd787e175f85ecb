public import Operators
public import Tensors

/// Routed experts on the CPU: tokens are gathered by expert, so that each expert runs once.
///
/// Deterministic: a token's experts are added in the order of their numbers.
public struct CPUExperts: ExpertExecutor {
    /// Creates the executor.
    public init() {}

    /// See ``ExpertExecutor/run(tokens:routing:experts:)``.
    public func run(
        tokens: HostTensor,
        routing: ExpertRouter.Routing,
        experts: [FeedForward]
    ) throws -> HostTensor {
        let (count, width) = (tokens.shape[0], tokens.shape[1])
        let chosen = routing.experts.elements(of: Int32.self)
        let weights = routing.weights.elements(of: Float.self)
        let slots = routing.experts.shape[1]
        var assignments = [[(token: Int, weight: Float)]](repeating: [], count: experts.count)
        for token in 0..<count {
            for slot in token * slots..<(token + 1) * slots {
                assignments[Int(chosen[slot])].append((token, weights[slot]))
            }
        }
        var output = HostTensor(zeros: [count, width])
        for (expert, visits) in zip(experts, assignments) where !visits.isEmpty {
            var gathered = HostTensor(uninitialized: [visits.count, width])
            tokens.withFloats { tokens in
                gathered.withMutableFloats { gathered in
                    for (row, visit) in visits.enumerated() {
                        (gathered + row * width).update(
                            from: tokens + visit.token * width,
                            count: width
                        )
                    }
                }
            }
            let result = try expert.forward(gathered)
            result.withFloats { result in
                output.withMutableFloats { output in
                    for (row, visit) in visits.enumerated() {
                        let (source, target) = (result + row * width, output + visit.token * width)
                        for column in 0..<width { target[column] += visit.weight * source[column] }
                    }
                }
            }
        }
        return output
    }
}
