import Operators
import Tensors
import Testing

@Suite("Every backward pass is the derivative of its forward pass")
struct GradientTests {
    @Test("linear map", arguments: [(1, 1, 1), (5, 7, 3), (16, 32, 24)])
    func linear(m: Int, k: Int, n: Int) throws {
        let x = randomTensor([m, k], seed: 1)
        let w = randomTensor([n, k], seed: 2)
        let dy = randomTensor([m, n], seed: 3)
        try expectGradient(Linear.inputGradient(dy, weight: w), at: x, upstream: dy) {
            try Linear.forward($0, weight: w)
        }
        var dw = HostTensor(zeros: w.shape)
        try Linear.addWeightGradient(dy, input: x, to: &dw)
        try expectGradient(dw, at: w, upstream: dy) { try Linear.forward(x, weight: $0) }
    }

    @Test("root-mean-square norm", arguments: [(1, 2), (3, 8), (5, 19)])
    func norm(m: Int, d: Int) throws {
        let x = randomTensor([m, d], seed: 4)
        let w = randomTensor([d], seed: 5)
        let dy = randomTensor([m, d], seed: 6)
        let saved = try RMSNorm.forward(x, weight: w, epsilon: 1e-5).saved
        let dx = try RMSNorm.inputGradient(dy, weight: w, saved: saved)
        try expectGradient(dx, at: x, upstream: dy, step: 0x1p-10) {
            try RMSNorm.forward($0, weight: w, epsilon: 1e-5).output
        }
        var dw = HostTensor(zeros: [d])
        try RMSNorm.addWeightGradient(dy, saved: saved, to: &dw)
        try expectGradient(dw, at: w, upstream: dy) {
            try RMSNorm.forward(x, weight: $0, epsilon: 1e-5).output
        }
    }

    @Test("gated unit", arguments: [1, 8, 37])
    func swiglu(count: Int) throws {
        let gate = randomTensor([count], seed: 7)
        let up = randomTensor([count], seed: 8)
        let dy = randomTensor([count], seed: 9)
        let d = try SwiGLU.inputGradients(dy, gate: gate, up: up)
        try expectGradient(d.gate, at: gate, upstream: dy) {
            try SwiGLU.forward(gate: $0, up: up)
        }
        try expectGradient(d.up, at: up, upstream: dy) {
            try SwiGLU.forward(gate: gate, up: $0)
        }
    }

    @Test(
        "causal attention",
        arguments: [(1, 2, 2, 1, 4, 4), (2, 5, 5, 3, 8, 6), (2, 3, 9, 2, 5, 7)]
    )
    func attention(b: Int, s: Int, t: Int, h: Int, d: Int, v: Int) throws {
        let q = randomTensor([b * s, h, d], seed: 10)
        let k = randomTensor([b * t, h, d], seed: 11)
        let values = randomTensor([b * t, h, v], seed: 12)
        let dy = randomTensor([b * s, h, v], seed: 13)
        func run(_ q: HostTensor, _ k: HostTensor, _ v: HostTensor) throws -> HostTensor {
            try CausalAttention.forward(q: q, k: k, v: v, sequenceCount: b, scale: 0.4).output
        }
        let saved = try CausalAttention.forward(
            q: q,
            k: k,
            v: values,
            sequenceCount: b,
            scale: 0.4
        ).saved
        let g = try CausalAttention.inputGradients(dy, saved: saved)
        try expectGradient(g.q, at: q, upstream: dy) { try run($0, k, values) }
        try expectGradient(g.k, at: k, upstream: dy) { try run(q, $0, values) }
        try expectGradient(g.v, at: values, upstream: dy) { try run(q, k, $0) }
    }

    @Test("expert weights", arguments: [true, false])
    func router(normalizes: Bool) throws {
        let router = try ExpertRouter(
            expertCount: 8,
            expertsPerToken: 3,
            groupCount: 4,
            groupsPerToken: 2,
            normalizesWeights: normalizes,
            scalingFactor: 2.5
        )
        let logits = randomTensor([6, 8], seed: 14)
        let bias = randomTensor([8], seed: 15, scale: 0.1)
        let routing = try router.route(logits: logits, bias: bias)
        let dy = randomTensor([6, 3], seed: 16)
        let gradient = try router.logitGradient(dy, routing: routing)
        // The choice is piecewise constant: a step small enough never changes it here.
        try expectGradient(gradient, at: logits, upstream: dy, step: 0x1p-11) { moved in
            let again = try router.route(logits: moved, bias: bias)
            try #require(
                again.experts.elements(of: Int32.self) == routing.experts.elements(of: Int32.self)
            )
            return again.weights
        }
    }

    @Test("cross entropy, with rows left out")
    func crossEntropy() throws {
        let logits = randomTensor([4, 11], seed: 17)
        let targets = HostTensor([Int32(3), -1, 10, 0])
        let scale: Float = 0.25
        let result = try CrossEntropy.lossAndGradient(
            logits: logits,
            targets: targets,
            gradientScale: scale
        )
        #expect(result.count == 3)
        #expect(result.gradient.elements(of: Float.self)[11..<22].allSatisfy { $0 == 0 })
        try expectGradient(result.gradient, at: logits, upstream: HostTensor([scale])) { moved in
            let loss = try CrossEntropy.lossAndGradient(logits: moved, targets: targets).loss
            return HostTensor([Float(loss)])
        }
    }

    @Test("rotation", arguments: [true, false])
    func rotation(interleaved: Bool) throws {
        let rotary = try RotaryEmbedding(
            width: 8,
            maximumPositionCount: 64,
            isInterleaved: interleaved,
            yarn: .init(factor: 4, originalMaximumPositionCount: 16, attentionFactor: 1.25)
        )
        let positions = [0, 3, 63]
        let x = randomTensor([3, 2, 8], seed: 18)
        let dy = randomTensor([3, 2, 8], seed: 19)
        var dx = dy
        try rotary.rotate(&dx, positions: positions, inverse: true)
        try expectGradient(dx, at: x, upstream: dy) { moved in
            var y = moved
            try rotary.rotate(&y, positions: positions)
            return y
        }
    }

    @Test("embedding table")
    func embedding() throws {
        let table = randomTensor([5, 4], seed: 20)
        let tokens: [Int32] = [4, 0, 4, 2]
        let dy = randomTensor([4, 4], seed: 21)
        var gradient = HostTensor(zeros: [5, 4])
        try Embedding.addTableGradient(dy, tokens: tokens, to: &gradient)
        try expectGradient(gradient, at: table, upstream: dy) {
            try Embedding.forward(tokens, table: $0)
        }
    }
}
