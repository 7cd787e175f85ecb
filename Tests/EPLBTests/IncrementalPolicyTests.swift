import EPLB
import InfraCore
import Testing

@Suite("The incremental policy")
struct IncrementalPolicyTests {
    /// Plans anew, for comparison.
    private func fresh(
        _ loads: ExpertLoads,
        _ shape: PlacementShape,
        _ locality: PlacementLocality = .automatic
    ) throws -> ExpertPlacement {
        try ExpertLoadBalancer.rebalance(
            loads,
            shape: shape,
            policy: .balanced(locality: locality)
        )
    }

    @Test("unchanged loads move nothing, whatever the target", arguments: [0.5, 0.95, 1])
    func unchanged(target: Double) throws {
        for problem in try RandomProblem.all(count: 160) {
            let plan = try fresh(problem.loads, problem.shape)
            let next = try ExpertLoadBalancer.rebalance(
                problem.loads,
                shape: problem.shape,
                policy: .incremental(previous: plan, target: target)
            )
            #expect(next == plan, "\(problem)")
        }
    }

    @Test(
        "reaches the target, or the balance of a new plan where that does not",
        arguments: BalancedPolicyTests.localities,
        [0.8, 0.95, 1]
    )
    func reachesTarget(locality: PlacementLocality, target: Double) throws {
        for (index, problem) in try RandomProblem.all(count: 160).enumerated() {
            let gpus = problem.shape.gpuCount
            // The plan in use was made for quite other loads.
            let old = try LoadKind.allCases[(index / 8) % LoadKind.allCases.count].loads(
                seed: UInt64(1000 + index),
                layers: problem.loads.layerCount,
                experts: problem.loads.expertCount
            )
            let previous = try fresh(old, problem.shape, locality)
            let next = try ExpertLoadBalancer.rebalance(
                problem.loads,
                shape: problem.shape,
                policy: .incremental(previous: previous, target: target, locality: locality)
            )
            #expect(next.inconsistency == nil, "\(problem)")
            let new = try fresh(problem.loads, problem.shape, locality)
            let found = try next.balancedness(under: problem.loads, gpuCount: gpus)
            let reachable = try new.balancedness(under: problem.loads, gpuCount: gpus)
            for (found, reachable) in zip(found, reachable) {
                #expect(found >= min(target, reachable) - 1e-8, "\(problem)")
            }
            // Never more than the new plan, however its GPUs are numbered.
            let moved = try next.expertsMoved(from: previous, gpuCount: gpus)
            let movedAnew = try new.expertsMoved(from: previous, gpuCount: gpus)
            for (moved, movedAnew) in zip(moved, movedAnew) {
                #expect(moved <= movedAnew, "\(problem)")
            }
            if locality == .automatic, problem.shape.isHierarchical {
                #expect(next.keepsGroups(problem.shape), "\(problem)")
            }
        }
    }

    @Test("slightly drifted loads move less than a fiftieth of what a new plan moves")
    func drifted() throws {
        let values = LogNormal.values(layers: 8, experts: 256, seed: 5)
        let shape = try PlacementShape(replicas: 288, groups: 8, nodes: 4, gpus: 32)
        let previous = try fresh(ExpertLoads(values), shape, .anywhere)
        let loads = try LogNormal.drifted(values, seed: 6, sigma: 0.1)
        #expect(try previous.balancedness(under: loads, gpuCount: 32).contains { $0 < 0.95 })
        let next = try ExpertLoadBalancer.rebalance(
            loads,
            shape: shape,
            policy: .incremental(previous: previous, target: 0.95, locality: .anywhere)
        )
        #expect(try next.balancedness(under: loads, gpuCount: 32).allSatisfy { $0 >= 0.949_999 })
        let moved = try next.expertsMoved(from: previous, gpuCount: 32).reduce(0, +)
        let anew = try fresh(loads, shape, .anywhere)
            .expertsMoved(from: previous, gpuCount: 32).reduce(0, +)
        #expect(moved > 0)
        #expect(moved * 50 < anew, "\(moved) moved, a new plan moves \(anew)")
    }

    @Test("two slots a GPU: packing some GPUs anew moves far fewer than a new plan")
    func twoSlots() throws {
        let values = LogNormal.values(layers: 4, experts: 256, seed: 5)
        let shape = try PlacementShape(replicas: 288, gpus: 144)
        let previous = try fresh(ExpertLoads(values), shape)
        let loads = try LogNormal.drifted(values, seed: 6, sigma: 0.1)
        let next = try ExpertLoadBalancer.rebalance(
            loads,
            shape: shape,
            policy: .incremental(previous: previous, target: 0.8)
        )
        #expect(try next.balancedness(under: loads, gpuCount: 144).allSatisfy { $0 >= 0.799_999 })
        let moved = try next.expertsMoved(from: previous, gpuCount: 144).reduce(0, +)
        let anew = try fresh(loads, shape).expertsMoved(from: previous, gpuCount: 144)
            .reduce(0, +)
        #expect(moved * 8 < anew, "\(moved) moved, a new plan moves \(anew)")
    }

    @Test("a higher target moves at least as many experts, a lower one keeps more in place")
    func targets() throws {
        let values = LogNormal.values(layers: 4, experts: 64, seed: 9)
        let shape = try PlacementShape(replicas: 80, gpus: 8)
        let previous = try fresh(ExpertLoads(values), shape)
        let loads = try LogNormal.drifted(values, seed: 10, sigma: 0.3)
        let moved = try [0.5, 0.9, 0.99].map { target in
            try ExpertLoadBalancer.rebalance(
                loads,
                shape: shape,
                policy: .incremental(previous: previous, target: target)
            ).expertsMoved(from: previous, gpuCount: 8).reduce(0, +)
        }
        #expect(moved[0] == 0)
        #expect(moved[1] > 0)
        #expect(moved[1] < moved[2])
    }

    @Test("second copies on a GPU are replaced, nothing else is touched")
    func doubles() throws {
        let loads = try ExpertLoads([[10, 10, 10, 10, 10, 10]])
        let previous = try ExpertPlacement(phy2log: [[0, 0, 1, 2, 3, 4, 5, 1]], expertCount: 6)
        let next = try ExpertLoadBalancer.rebalance(
            loads,
            shape: PlacementShape(replicas: 8, gpus: 2),
            policy: .incremental(previous: previous, target: 0.5)
        )
        #expect(next.doubles(gpuCount: 2).isEmpty)
        #expect(try next.expertsMoved(from: previous, gpuCount: 2) == [1])
        #expect(
            next.phy2log[0].indices.filter { next.phy2log[0][$0] != previous.phy2log[0][$0] } == [1]
        )
    }

    @Test("a plan whose groups are torn apart comes back within nodes")
    func tornGroups() throws {
        let loads = try ExpertLoads([[1, 2, 3, 4, 5, 6, 7, 8]])
        let shape = try PlacementShape(replicas: 8, groups: 2, nodes: 2, gpus: 4)
        let previous = try ExpertPlacement(phy2log: [[0, 4, 1, 5, 2, 6, 3, 7]], expertCount: 8)
        #expect(!previous.keepsGroups(shape))
        let next = try ExpertLoadBalancer.rebalance(
            loads,
            shape: shape,
            policy: .incremental(previous: previous)
        )
        #expect(next.keepsGroups(shape))
    }

    @Test("experts that stay on their GPU stay in their slot")
    func slotsStay() throws {
        let values = LogNormal.values(layers: 2, experts: 64, seed: 3)
        let shape = try PlacementShape(replicas: 80, gpus: 8)
        let previous = try fresh(ExpertLoads(values), shape)
        let loads = try LogNormal.drifted(values, seed: 4, sigma: 0.5)
        let next = try ExpertLoadBalancer.rebalance(
            loads,
            shape: shape,
            policy: .incremental(previous: previous, target: 1)
        )
        for (old, new) in zip(previous.phy2log, next.phy2log) {
            for slot in old.indices where old[slot] != new[slot] {
                let gpu = slot / 10 * 10..<(slot / 10 + 1) * 10
                #expect(!new[gpu].contains(old[slot]))
            }
        }
    }

    @Test("a previous plan of another size or an impossible target is refused")
    func refusals() throws {
        let shape = try PlacementShape(replicas: 8, gpus: 2)
        let loads = try ExpertLoads([[1, 2, 3, 4]])
        let plan = try fresh(loads, shape)
        for target in [0, -1, 1.01, .nan] {
            let error = try #require(throws: PlacementError.self) {
                try ExpertLoadBalancer.rebalance(
                    loads,
                    shape: shape,
                    policy: .incremental(previous: plan, target: target)
                )
            }
            #expect(error.code == .invalidPolicy)
            #expect(error.message.contains("target is \(target); it must be above 0"))
        }
        for other in [
            try ExpertPlacement(phy2log: [[0, 1, 2, 3]], expertCount: 4),
            try ExpertPlacement(phy2log: [[0, 1, 2, 3, 4, 0, 1, 2]], expertCount: 5),
            try ExpertPlacement(
                phy2log: [[0, 1, 2, 3, 0, 1, 2, 3], [0, 1, 2, 3, 0, 1, 2, 3]],
                expertCount: 4
            ),
        ] {
            let error = try #require(throws: PlacementError.self) {
                try ExpertLoadBalancer.rebalance(
                    loads,
                    shape: shape,
                    policy: .incremental(previous: other)
                )
            }
            #expect(error.code == .invalidPlacement)
            #expect(error.message.contains("it must have 1 layers of 4 experts in 8 slots"))
        }
    }
}
