import InfraCore
import Operators
import Tensors
import Testing

@Suite("Operators refuse what does not fit, and say what it was")
struct OperatorErrorTests {
    private func message(_ body: () throws -> Void) -> String {
        do {
            try body()
        } catch {
            return "\(error)"
        }
        return "no error"
    }

    @Test("shapes and dtypes")
    func shapes() {
        let x = HostTensor(zeros: [2, 3])
        #expect(
            message { _ = try RMSNorm.forward(x, weight: HostTensor(zeros: [4]), epsilon: 1) }
                == "weight has shape [4]; it must be [3]"
        )
        #expect(
            message {
                _ = try SwiGLU.forward(gate: x, up: HostTensor(zeros: [2, 3], dtype: .int32))
            }
                == "up is I32; it must be F32"
        )
        #expect(
            message { _ = try Linear.forward(x, weight: HostTensor(zeros: [4, 5])) }
                .contains("inner sizes differ")
        )
        #expect(
            message {
                _ = try CausalAttention.forward(
                    q: HostTensor(zeros: [3, 1, 2]),
                    k: HostTensor(zeros: [2, 1, 2]),
                    v: HostTensor(zeros: [2, 1, 2]),
                    scale: 1
                )
            }.contains("at least as many keys as queries")
        )
    }

    @Test("indices outside their table")
    func indices() throws {
        #expect(
            message { _ = try Embedding.forward([0, 9], table: HostTensor(zeros: [4, 2])) }
                == "token 9 is outside 0..<4"
        )
        #expect(
            message {
                _ = try CrossEntropy.lossAndGradient(
                    logits: HostTensor(zeros: [1, 4]),
                    targets: HostTensor([Int32(4)])
                )
            } == "target 4 is outside 0..<4"
        )
        let rotary = try RotaryEmbedding(width: 2, maximumPositionCount: 4)
        var x = HostTensor(zeros: [1, 2])
        #expect(
            message { try rotary.rotate(&x, positions: [4]) } == "position 4 is outside 0..<4"
        )
    }

    @Test("gates that cannot exist")
    func gates() {
        #expect(
            message { _ = try ExpertRouter(expertCount: 9, expertsPerToken: 2, groupCount: 2) }
                == "9 experts do not divide into 2 groups"
        )
        #expect(
            message {
                _ = try ExpertRouter(
                    expertCount: 8,
                    expertsPerToken: 5,
                    groupCount: 4,
                    groupsPerToken: 2
                )
            } == "expertsPerToken is 5; it must be in 1...4, the experts of 2 groups"
        )
        #expect(
            message {
                _ = try ExpertRouter(
                    expertCount: 8,
                    expertsPerToken: 2,
                    groupCount: 4,
                    groupsPerToken: 5
                )
            } == "groupsPerToken is 5; it must be in 1...4"
        )
    }
}
