import EPLB
import InfraCore
import Testing

@Suite("The balanced policy")
struct BalancedPolicyTests {
    static let localities: [PlacementLocality] = [.automatic, .anywhere]

    @Test(
        "every plan is consistent and holds no expert twice on a GPU that could be avoided",
        arguments: localities
    )
    func invariants(locality: PlacementLocality) throws {
        for problem in try RandomProblem.all(count: 320) {
            let plan = try ExpertLoadBalancer.rebalance(
                problem.loads,
                shape: problem.shape,
                policy: .balanced(locality: locality)
            )
            #expect(plan.inconsistency == nil, "\(problem)")
            let keepsGroups = locality == .automatic && problem.shape.isHierarchical
            if keepsGroups { #expect(plan.keepsGroups(problem.shape), "\(problem)") }
            let available =
                problem.loads.expertCount / (keepsGroups ? problem.shape.nodeCount : 1)
            if available >= problem.shape.slotsPerGPU {
                #expect(plan.doubles(gpuCount: problem.shape.gpuCount).isEmpty, "\(problem)")
            }
        }
    }

    @Test("more slots on a GPU than experts: each GPU holds every expert")
    func moreSlotsThanExperts() throws {
        let plan = try ExpertLoadBalancer.rebalance(
            ExpertLoads([[5, 1, 1]]),
            shape: PlacementShape(replicas: 8, gpus: 2),
            policy: .balanced()
        )
        #expect(plan.inconsistency == nil)
        #expect(Set(plan.phy2log[0].prefix(4)) == [0, 1, 2])
        #expect(Set(plan.phy2log[0].suffix(4)) == [0, 1, 2])
    }

    @Test("the published example gets no doubles where the reference puts expert 1 twice on GPU 7")
    func published() throws {
        let loads = try ExpertLoads(ReferencePolicyTests.published)
        let shape = try PlacementShape(replicas: 16, groups: 4, nodes: 3, gpus: 8)
        let reference = try ExpertLoadBalancer.rebalance(loads, shape: shape)
        #expect(reference.doubles(gpuCount: 8).contains { $0 == (0, 7) })
        let plan = try ExpertLoadBalancer.rebalance(loads, shape: shape, policy: .balanced())
        #expect(plan.doubles(gpuCount: 8).isEmpty)
    }

    @Test("a layer without load: copies are spread evenly, where the reference gives all to one")
    func zeros() throws {
        let loads = try ExpertLoads([[Int](repeating: 0, count: 8)])
        let shape = try PlacementShape(replicas: 12, gpus: 4)
        let reference = try ExpertLoadBalancer.rebalance(loads, shape: shape)
        #expect(reference.logcnt == [[5, 1, 1, 1, 1, 1, 1, 1]])
        let plan = try ExpertLoadBalancer.rebalance(loads, shape: shape, policy: .balanced())
        #expect(plan.logcnt == [[2, 2, 2, 2, 1, 1, 1, 1]])
        #expect(plan.doubles(gpuCount: 4).isEmpty)
        #expect(try plan.balancedness(under: loads, gpuCount: 4) == [1])
    }

    @Test("a hot expert has at most one copy a GPU")
    func hotExpert() throws {
        let plan = try ExpertLoadBalancer.rebalance(
            ExpertLoads([[1_000_000, 1, 1, 1]]),
            shape: PlacementShape(replicas: 8, gpus: 4),
            policy: .balanced()
        )
        #expect(plan.logcnt[0][0] == 4)
        #expect(plan.doubles(gpuCount: 4).isEmpty)
    }

    @Test("256 experts on 32 GPUs: more even than the reference, within nodes and anywhere")
    func quality() throws {
        let loads = try LogNormal.loads(layers: 8, experts: 256, seed: 5)
        let shape = try PlacementShape(replicas: 288, groups: 8, nodes: 4, gpus: 32)
        func balance(_ policy: PlacementPolicy) throws -> Double {
            let plan = try ExpertLoadBalancer.rebalance(loads, shape: shape, policy: policy)
            return mean(try plan.balancedness(under: loads, gpuCount: 32))
        }
        let reference = try balance(.reference)
        let withinNodes = try balance(.balanced(locality: .withinNodes))
        let anywhere = try balance(.balanced(locality: .anywhere))
        #expect(reference < withinNodes)
        #expect(withinNodes < anywhere)
        #expect(anywhere > 0.999)
    }

    @Test("is deterministic")
    func deterministic() throws {
        let problem = try RandomProblem(seed: 77, kind: .counts)
        let plans = try (0..<3).map { _ in
            try ExpertLoadBalancer.rebalance(
                problem.loads,
                shape: problem.shape,
                policy: .balanced()
            )
        }
        #expect(Set(plans).count == 1)
    }

    @Test("groups that do not divide by nodes cannot be kept within them")
    func impossibleLocality() throws {
        let shape = try PlacementShape(replicas: 16, groups: 4, nodes: 3, gpus: 8)
        let loads = try ExpertLoads(ReferencePolicyTests.published)
        let error = try #require(throws: PlacementError.self) {
            try ExpertLoadBalancer.rebalance(
                loads,
                shape: shape,
                policy: .balanced(locality: .withinNodes)
            )
        }
        #expect(error.code == .invalidPolicy)
        #expect(error.message.contains("groups is 4, which is not a multiple of nodes, 3"))
    }
}
