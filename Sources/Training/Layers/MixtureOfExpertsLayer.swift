import DeepSeekModel
import InfraCore
import Operators
import Tensors

/// A mixture of experts: a gate, the routed experts behind an exchange, and the shared experts
/// that see every token.
final class MixtureOfExpertsLayer<Exchange: ExpertExchange> {
    private let router: ExpertRouter
    private let gate: LinearLayer
    /// `e_score_correction_bias`, `[E]`: steers the choice of experts, learned from their load.
    let correctionBias: Parameter
    private let experts: [FeedForwardLayer]
    private let shared: FeedForwardLayer?
    private let exchange: Exchange
    /// How often each of the E experts was chosen by this rank's tokens since the last reset.
    private(set) var loads: [Int]

    /// What the backward pass needs of a forward pass.
    struct Saved {
        let x: HostTensor
        let routing: ExpertRouter.Routing
        let handle: Exchange.Handle
        let rowWeights: HostTensor
        let counts: [Int]
        let experts: [FeedForwardLayer.Saved]
        /// The experts' outputs before weighting, `[R, D]`.
        let outputs: HostTensor
        let shared: FeedForwardLayer.Saved?
    }

    /// - Parameters:
    ///   - prefix: The name up to `gate.weight`.
    init(
        _ prefix: String,
        _ c: ModelConfiguration,
        _ exchange: Exchange,
        _ make: ParameterFactory
    ) throws {
        router = try ExpertRouter(
            expertCount: c.routedExpertCount,
            expertsPerToken: c.expertsPerToken,
            groupCount: c.groupCount,
            groupsPerToken: c.groupsPerToken,
            normalizesWeights: c.normalizesExpertWeights,
            scalingFactor: Float(c.routedScalingFactor)
        )
        gate = LinearLayer(
            weight: make.matrix("\(prefix)gate.weight", c.routedExpertCount, c.hiddenSize)
        )
        correctionBias = Parameter(
            name: "\(prefix)gate.e_score_correction_bias",
            value: HostTensor(zeros: [c.routedExpertCount]),
            decays: false
        )
        experts = exchange.localExperts.map { expert in
            FeedForwardLayer(
                "\(prefix)experts.\(expert).",
                width: c.hiddenSize,
                hiddenWidth: c.moeIntermediateSize,
                isExpert: true,
                make
            )
        }
        shared =
            c.sharedExpertCount == 0
            ? nil
            : FeedForwardLayer(
                "\(prefix)shared_experts.",
                width: c.hiddenSize,
                hiddenWidth: c.sharedIntermediateSize,
                make
            )
        self.exchange = exchange
        loads = [Int](repeating: 0, count: c.routedExpertCount)
    }

    /// The parameters that gradients reach; ``correctionBias`` is not among them.
    var parameters: [Parameter] {
        [gate.weight] + experts.flatMap(\.parameters) + (shared?.parameters ?? [])
    }

    func forward(_ x: HostTensor) throws -> (output: HostTensor, saved: Saved) {
        let routing = try router.route(
            logits: gate.forward(x),
            bias: correctionBias.value
        )
        count(routing)
        let (rows, handle) = try exchange.dispatch(
            x,
            experts: routing.experts,
            weights: routing.weights
        )
        var saved: [FeedForwardLayer.Saved] = []
        var outputs = HostTensor(uninitialized: rows.x.shape)
        try forEachExpert(rows.counts) { expert, start, count in
            let block = try rows.x.slice(axis: 0, from: start, count: count)
            let (y, kept) = try expert.forward(block)
            saved.append(kept)
            try RowWeights.place(y, in: &outputs, from: start)
        }
        let weighted = try RowWeights.scale(outputs, by: rows.weights)
        var (sum, _) = try exchange.combine(weighted, rowWeights: nil, along: handle)
        let sharedResult = try shared.map { try $0.forward(x) }
        if let sharedResult { try Accumulate.add(sharedResult.output, to: &sum) }
        return (
            sum,
            Saved(
                x: x,
                routing: routing,
                handle: handle,
                rowWeights: rows.weights,
                counts: rows.counts,
                experts: saved,
                outputs: outputs,
                shared: sharedResult?.saved
            )
        )
    }

    func backward(
        _ dy: HostTensor,
        _ saved: Saved,
        _ deferred: inout DeferredGradients
    ) throws -> HostTensor {
        let dRows = try exchange.dispatch(dy, along: saved.handle)
        let dRowWeights = try RowWeights.products(dRows, saved.outputs)
        let dOutputs = try RowWeights.scale(dRows, by: saved.rowWeights)
        var dBlocks = HostTensor(uninitialized: dOutputs.shape)
        var kept = saved.experts.makeIterator()
        try forEachExpert(saved.counts) { expert, start, count in
            guard let forward = kept.next() else { return }
            let block = try dOutputs.slice(axis: 0, from: start, count: count)
            try RowWeights.place(
                try expert.backward(block, forward, &deferred),
                in: &dBlocks,
                from: start
            )
        }
        var (dx, dWeights) = try exchange.combine(
            dBlocks,
            rowWeights: dRowWeights,
            along: saved.handle
        )
        if let dWeights {
            let dLogits = try router.logitGradient(dWeights, routing: saved.routing)
            try Accumulate.add(gate.backward(dLogits, input: saved.x, &deferred), to: &dx)
        }
        if let shared, let sharedSaved = saved.shared {
            try Accumulate.add(shared.backward(dy, sharedSaved, &deferred), to: &dx)
        }
        return dx
    }

    /// Starts counting loads anew.
    func resetLoads() { loads = [Int](repeating: 0, count: loads.count) }

    private func count(_ routing: ExpertRouter.Routing) {
        routing.experts.withUnsafeElements(of: Int32.self) { experts in
            for expert in experts { loads[Int(expert)] += 1 }
        }
    }

    /// Visits the experts that have rows, with the range of their rows.
    private func forEachExpert(
        _ counts: [Int],
        _ body: (FeedForwardLayer, Int, Int) throws -> Void
    ) throws {
        var start = 0
        for (expert, count) in zip(experts, counts) where count > 0 {
            try body(expert, start, count)
            start += count
        }
    }
}
