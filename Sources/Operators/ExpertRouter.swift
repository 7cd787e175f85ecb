public import InfraCore
public import Tensors

/// DeepSeek-V3's gate: sigmoid scores, a bias that steers selection only, node-limited groups
/// ("DeepSeek-V3 Technical Report", 2024, section 2.1.2), and its gradient.
///
/// Letters: M tokens, E experts, K experts a token, G groups.
public struct ExpertRouter: Sendable, Equatable {
    /// How many experts there are, E.
    public let expertCount: Int
    /// How many experts each token visits, K.
    public let expertsPerToken: Int
    /// How many groups the experts fall into, G; each is meant for one node.
    public let groupCount: Int
    /// From how many groups a token may choose.
    public let groupsPerToken: Int
    /// Whether the chosen scores are divided by their sum.
    public let normalizesWeights: Bool
    /// Multiplies the weights.
    public let scalingFactor: Float

    /// Where each token goes, and with which weight.
    public struct Routing: Sendable {
        /// The chosen experts, `[M, K]`, int32; the best first.
        public let experts: HostTensor
        /// The weight of each chosen expert's output, `[M, K]`, float32.
        public let weights: HostTensor
        /// The score of every expert, `[M, E]`, float32: sigmoid of the logits.
        public let scores: HostTensor
    }

    /// Checks and stores a gate's configuration.
    ///
    /// - Throws: ``OperatorErrorCode/invalidConfiguration`` naming the value that does not fit.
    public init(
        expertCount: Int,
        expertsPerToken: Int,
        groupCount: Int = 1,
        groupsPerToken: Int = 1,
        normalizesWeights: Bool = true,
        scalingFactor: Float = 1
    ) throws(OperatorError) {
        guard expertCount > 0, groupCount > 0, expertCount.isMultiple(of: groupCount) else {
            throw OperatorError(
                .invalidConfiguration,
                "\(expertCount) experts do not divide into \(groupCount) groups"
            )
        }
        guard (1...groupCount).contains(groupsPerToken) else {
            throw OperatorError(
                .invalidConfiguration,
                "groupsPerToken is \(groupsPerToken); it must be in 1...\(groupCount)"
            )
        }
        let eligible = expertCount / groupCount * groupsPerToken
        guard (1...eligible).contains(expertsPerToken) else {
            throw OperatorError(
                .invalidConfiguration,
                "expertsPerToken is \(expertsPerToken); it must be in 1...\(eligible), the experts "
                    + "of \(groupsPerToken) groups"
            )
        }
        self.expertCount = expertCount
        self.expertsPerToken = expertsPerToken
        self.groupCount = groupCount
        self.groupsPerToken = groupsPerToken
        self.normalizesWeights = normalizesWeights
        self.scalingFactor = scalingFactor
    }

    /// Chooses experts. Equal values go to the lower index.
    ///
    /// - Parameters:
    ///   - logits: `[M, E]`, float32.
    ///   - bias: `[E]`, float32: added to the scores for the choice, not for the weights.
    /// - Returns: The routing.
    /// - Throws: ``OperatorErrorCode/shapeMismatch`` or ``OperatorErrorCode/dtypeMismatch``.
    public func route(
        logits: HostTensor,
        bias: HostTensor
    ) throws(OperatorError) -> Routing {
        try require(logits, "logits", [-1, expertCount])
        try require(bias, "bias", [expertCount])
        let tokens = logits.shape[0]
        var scores = HostTensor(uninitialized: [tokens, expertCount])
        var weights = HostTensor(uninitialized: [tokens, expertsPerToken])
        var experts = HostTensor(uninitialized: [tokens, expertsPerToken], dtype: .int32)
        var selector = GroupedTopK(self)
        reading(logits, bias) { logits, bias in
            writing(&scores) { scores in
                writing(&weights) { weights in
                    experts.withUnsafeMutableElements(of: Int32.self) { experts in
                        for token in 0..<tokens {
                            let row = scores + token * expertCount
                            for e in 0..<expertCount {
                                row[e] = sigmoid(logits[token * expertCount + e])
                            }
                            selector.select(scores: row, bias: bias)
                            weigh(selector.chosen, row, weights + token * expertsPerToken)
                            for (slot, expert) in selector.chosen.enumerated() {
                                experts[token * expertsPerToken + slot] = Int32(expert)
                            }
                        }
                    }
                }
            }
        }
        return Routing(experts: experts, weights: weights, scores: scores)
    }

    private func weigh(
        _ chosen: [Int],
        _ scores: UnsafeMutablePointer<Float>,
        _ weights: UnsafeMutablePointer<Float>
    ) {
        var sum: Float = Self.sumGuard
        for expert in chosen { sum += scores[expert] }
        let factor = normalizesWeights ? scalingFactor / sum : scalingFactor
        for (slot, expert) in chosen.enumerated() { weights[slot] = scores[expert] * factor }
    }

    /// Keeps the division defined when all chosen scores are zero, as the original does.
    private static let sumGuard: Float = 1e-20

    /// The gradient of the logits. The choice itself has none.
    ///
    /// - Parameters:
    ///   - dWeights: The gradient of ``Routing/weights``, `[M, K]`.
    ///   - routing: What ``route(logits:bias:)`` returned.
    /// - Returns: `[M, E]`.
    /// - Throws: ``OperatorErrorCode/shapeMismatch`` or ``OperatorErrorCode/dtypeMismatch``.
    public func logitGradient(
        _ dWeights: HostTensor,
        routing: Routing
    ) throws(OperatorError) -> HostTensor {
        try require(dWeights, "dWeights", routing.weights.shape)
        let tokens = dWeights.shape[0]
        let k = expertsPerToken
        var dLogits = HostTensor(zeros: [tokens, expertCount])
        reading(dWeights, routing.weights, routing.scores) { dWeights, weights, scores in
            routing.experts.withUnsafeElements(of: Int32.self) { experts in
                writing(&dLogits) { dLogits in
                    for token in 0..<tokens {
                        let (dw, w) = (dWeights + token * k, weights + token * k)
                        let row = scores + token * expertCount
                        // With w_i = f s_i / S: ds_i = f / S (dw_i - Σ_j dw_j s_j / S).
                        var sum: Float = Self.sumGuard
                        var mean: Float = 0
                        for slot in 0..<k {
                            sum += row[Int(experts[token * k + slot])]
                            mean += dw[slot] * w[slot]
                        }
                        let factor = normalizesWeights ? scalingFactor / sum : scalingFactor
                        let pull = normalizesWeights ? mean / scalingFactor : 0
                        for slot in 0..<k {
                            let expert = Int(experts[token * k + slot])
                            let s = row[expert]
                            let dScore = factor * (dw[slot] - pull)
                            dLogits[token * expertCount + expert] += dScore * s * (1 - s)
                        }
                    }
                }
            }
        }
        return dLogits
    }
}

/// The selection of one token's experts, with its working memory.
private struct GroupedTopK {
    let router: ExpertRouter
    var choice: [Float]
    var groupScores: [Float]
    var chosen: [Int]

    init(_ router: ExpertRouter) {
        self.router = router
        choice = [Float](repeating: 0, count: router.expertCount)
        groupScores = [Float](repeating: 0, count: router.groupCount)
        chosen = []
    }

    /// Leaves the best experts of the best groups in ``chosen``.
    mutating func select(scores: UnsafeMutablePointer<Float>, bias: UnsafePointer<Float>) {
        for e in 0..<router.expertCount { choice[e] = scores[e] + bias[e] }
        if router.groupsPerToken < router.groupCount { maskGroups() }
        chosen.removeAll(keepingCapacity: true)
        for _ in 0..<router.expertsPerToken {
            var best = -1
            for e in 0..<router.expertCount where !chosen.contains(e) {
                if best < 0 || choice[e] > choice[best] { best = e }
            }
            chosen.append(best)
        }
    }

    /// Takes every expert outside the best groups out of the choice. A group is worth the sum of
    /// its two best experts.
    private mutating func maskGroups() {
        let size = router.expertCount / router.groupCount
        for group in 0..<router.groupCount {
            var (first, second) = (-Float.infinity, -Float.infinity)
            for e in group * size..<(group + 1) * size {
                if choice[e] > first {
                    (first, second) = (choice[e], first)
                } else if choice[e] > second {
                    second = choice[e]
                }
            }
            groupScores[group] = size == 1 ? first : first + second
        }
        var kept = [Int]()
        for _ in 0..<router.groupsPerToken {
            var best = -1
            for group in 0..<router.groupCount where !kept.contains(group) {
                if best < 0 || groupScores[group] > groupScores[best] { best = group }
            }
            kept.append(best)
        }
        for group in 0..<router.groupCount where !kept.contains(group) {
            for e in group * size..<(group + 1) * size { choice[e] = -.infinity }
        }
    }
}
