import Foundation
import Operators
import Tensors
import Testing

@Suite("Operators compute what their formulas say")
struct OperatorValueTests {
    @Test("attention equals a triple loop in float64")
    func attentionReference() throws {
        let (b, s, t, h, d, v) = (2, 3, 6, 2, 5, 4)
        let q = randomTensor([b * s, h, d], seed: 1)
        let k = randomTensor([b * t, h, d], seed: 2)
        let values = randomTensor([b * t, h, v], seed: 3)
        let y = try CausalAttention.forward(q: q, k: k, v: values, sequenceCount: b, scale: 0.7)
            .output.elements(of: Float.self)
        let (qs, ks, vs) = (
            q.elements(of: Float.self), k.elements(of: Float.self), values.elements(of: Float.self)
        )

        for sequence in 0..<b {
            for head in 0..<h {
                for row in 0..<s {
                    let visible = t - s + row + 1
                    let weights = (0..<visible).map { key in
                        exp(
                            0.7
                                * (0..<d).reduce(0.0) { sum, i in
                                    sum
                                        + Double(qs[((sequence * s + row) * h + head) * d + i])
                                        * Double(ks[((sequence * t + key) * h + head) * d + i])
                                }
                        )
                    }
                    let total = weights.reduce(0, +)
                    for column in 0..<v {
                        let expected = (0..<visible).reduce(0.0) { sum, key in
                            sum + weights[key] / total
                                * Double(vs[((sequence * t + key) * h + head) * v + column])
                        }
                        let found = Double(y[((sequence * s + row) * h + head) * v + column])
                        #expect(abs(found - expected) < 1e-5)
                    }
                }
            }
        }
    }

    @Test("silu stays accurate from the far negative to the far positive")
    func siluAccuracy() throws {
        let x = stride(from: Float(-100), through: 100, by: 0.37).map { $0 }
        let y = try SwiGLU.forward(
            gate: HostTensor(x),
            up: HostTensor([Float](repeating: 1, count: x.count))
        ).elements(of: Float.self)
        for (x, y) in zip(x, y) {
            let exact = Double(x) / (1 + exp(-Double(x)))
            #expect(abs(Double(y) - exact) <= 4e-7 * abs(exact) + 1e-34, "silu(\(x))")
        }
    }

    @Test("a token takes its experts from its best groups only, ties to the lower index")
    func groupLimit() throws {
        let router = try ExpertRouter(
            expertCount: 8,
            expertsPerToken: 2,
            groupCount: 4,
            groupsPerToken: 1
        )
        // Expert 0 is the best of all, but group 2 has the best pair.
        let logits = HostTensor([Float(3), -9, 0, 0, 2, 2, 1, 1], shape: [1, 8])
        let routing = try router.route(logits: logits, bias: HostTensor(zeros: [8]))
        #expect(routing.experts.elements(of: Int32.self) == [4, 5])
        #expect(routing.weights.elements(of: Float.self) == [0.5, 0.5])
    }

    @Test("the bias steers the choice and leaves the weights alone")
    func biasSteersOnly() throws {
        let router = try ExpertRouter(
            expertCount: 3,
            expertsPerToken: 1,
            normalizesWeights: false,
            scalingFactor: 2
        )
        let logits = HostTensor([Float(1), 0, -1], shape: [1, 3])
        let routing = try router.route(logits: logits, bias: HostTensor([Float(0), 0, 5]))
        #expect(routing.experts.elements(of: Int32.self) == [2])
        let weight = try #require(routing.weights.elements(of: Float.self).first)
        #expect(abs(weight - 2 / (1 + exp(1))) < 1e-6)
    }

    @Test("rotation turns pair i by position times frequency, and position 0 not at all")
    func rotationAngles() throws {
        let rotary = try RotaryEmbedding(width: 4, base: 100, maximumPositionCount: 8)
        #expect(rotary.frequencies == [1, 0.1])
        var x = HostTensor([Float(1), 0, 1, 0, 1, 0, 1, 0], shape: [2, 4])
        try rotary.rotate(&x, positions: [0, 5])
        let y = x.elements(of: Float.self)
        #expect(y[0..<4] == [1, 0, 1, 0])
        let expected: [Float] = [cos(5), sin(5), cos(0.5), sin(0.5)]
        for (found, expected) in zip(y[4...], expected) { #expect(abs(found - expected) < 1e-6) }
    }

    @Test("cross entropy of even logits is the logarithm of the vocabulary")
    func evenLogits() throws {
        let result = try CrossEntropy.lossAndGradient(
            logits: HostTensor(zeros: [3, 50]),
            targets: HostTensor([Int32(0), 7, 49])
        )
        #expect(abs(result.loss / 3 - log(50)) < 1e-6)
    }

    @Test("splitting undoes joining; a shared part is repeated and its gradient summed")
    func columns() throws {
        let a = randomTensor([3, 2, 4], seed: 5)
        let shared = randomTensor([3, 2], seed: 6)
        let joined = try FeatureColumns.join(a, shared)
        let (left, right) = try FeatureColumns.split(joined, at: 4)
        #expect(left.elements(of: Float.self) == a.elements(of: Float.self))
        let sum = try FeatureColumns.sumOverHeads(right)
        let doubled = shared.elements(of: Float.self).map { $0 + $0 }
        #expect(sum.elements(of: Float.self) == doubled)
    }

    @Test("empty inputs give empty outputs")
    func emptyInputs() throws {
        let x = HostTensor(zeros: [0, 4])
        #expect(try Linear.forward(x, weight: randomTensor([3, 4], seed: 1)).shape == [0, 3])
        #expect(
            try RMSNorm.forward(x, weight: randomTensor([4], seed: 1), epsilon: 1e-6).output.shape
                == [0, 4]
        )
        #expect(try Embedding.forward([], table: randomTensor([2, 4], seed: 1)).shape == [0, 4])
    }
}
