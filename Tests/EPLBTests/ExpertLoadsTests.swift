import EPLB
import InfraCore
import Testing

@Suite("Loads")
struct ExpertLoadsTests {
    @Test("are read from JSON as from numbers, whole ones exactly")
    func json() throws {
        let text = "[[90, 132.5,\n 4e1],\t[0, 16777217, 9007199254740993]]"
        let read = try ExpertLoads(json: text.utf8)
        #expect(
            read == (try ExpertLoads([[90, 132.5, 40], [0, 16_777_217, 0x1p53]]))
        )
        #expect(read.layerCount == 2)
        #expect(read.expertCount == 3)
        #expect(Array(read[0]) == [90, 132.5, 40])
        #expect(read[1].last == Float(Int(9_007_199_254_740_993)))
        #expect(try ExpertLoads([[3, 4]] as [[Int]]) == ExpertLoads([[3, 4]] as [[Float]]))
    }

    @Test(
        "that are no loads are refused by name",
        arguments: [
            ("[[1, -1]]", "layer 0, expert 1 is -1;"),
            ("[[1, 2], [NaN, 1]]", "layer 1, expert 0 is NaN;"),
            ("[[Infinity]]", "layer 0, expert 0 is Infinity;"),
            ("[[null]]", "layer 0, expert 0 is null;"),
            ("[[\"5\"]]", "layer 0, expert 0 is \"5\";"),
            ("[[0x10]]", "layer 0, expert 0 is 0x10;"),
            ("[[1e39]]", "layer 0, expert 0 is 1e39;"),
            ("[[1, 2], [3]]", "layer 1 of loads has 1 experts; it must have 2"),
            ("[]", "loads has no layer"),
            ("[[]]", "loads has no expert"),
            ("", "line 1 (byte 0) has the end of the text where a list of layers belongs"),
            ("{}", "has \"{}\" where a list of layers belongs"),
            ("[1, 2]", "where layer 0, a list of loads belongs"),
            ("[[1,]]", "has \"]]\" where a load belongs"),
            ("[[1 2]]", "has \"2]]\" where a comma or the end of layer 0"),
            ("[[1],\n[2]", "line 2 (byte 9) has the end of the text"),
            ("[[1]] x", "has \"x\" where the end belongs"),
        ]
    )
    func refusals(text: String, message: String) throws {
        let error = try #require(throws: PlacementError.self) { try ExpertLoads(json: text.utf8) }
        #expect(error.code == .invalidLoads)
        #expect(error.message.contains(message), "\(error.message)")
    }

    @Test("must be finite and not negative", arguments: [-1.0, .nan, .infinity, 1e300])
    func values(value: Double) throws {
        let error = try #require(throws: PlacementError.self) { try ExpertLoads([[0, value]]) }
        #expect(error.code == .invalidLoads)
        #expect(error.message.contains("layer 0, expert 1 is \(value)"))
    }

    @Test("minus zero is zero")
    func minusZero() throws {
        #expect(try ExpertLoads([[-0.0, 1]])[0].first?.sign == .plus)
    }

    @Test("loads near the end of float32 overflow sums without harm")
    func overflow() throws {
        let loads = try ExpertLoads(
            [[Float]](repeating: .init(repeating: 3e38, count: 16), count: 1)
        )
        let shape = try PlacementShape(replicas: 24, groups: 4, nodes: 2, gpus: 4)
        for policy in [PlacementPolicy.reference, .balanced()] {
            let plan = try ExpertLoadBalancer.rebalance(loads, shape: shape, policy: policy)
            #expect(plan.inconsistency == nil)
            let balance = try plan.balancedness(under: loads, gpuCount: 4)[0]
            #expect(balance > 0 && balance <= 1)
        }
    }
}
