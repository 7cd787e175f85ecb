import EPLB
import InfraCore
import Testing

@Suite("The reference policy is bit-identical to DeepSeek's EPLB")
struct ReferencePolicyTests {
    /// The loads of the original's README.
    static let published = [
        [90, 132, 40, 61, 104, 165, 39, 4, 73, 56, 183, 86],
        [20, 107, 104, 64, 19, 197, 187, 157, 172, 86, 16, 27],
    ]

    @Test("the published example: 4 groups on 2 nodes of 4 GPUs")
    func hierarchical() throws {
        let placement = try ExpertLoadBalancer.rebalance(
            ExpertLoads(Self.published),
            shape: PlacementShape(replicas: 16, groups: 4, nodes: 2, gpus: 8)
        )
        #expect(
            placement.phy2log == [
                [5, 6, 5, 7, 8, 4, 3, 4, 10, 9, 10, 2, 0, 1, 11, 1],
                [7, 10, 6, 8, 6, 11, 8, 9, 2, 4, 5, 1, 5, 0, 3, 1],
            ]
        )
        #expect(
            placement.logcnt == [
                [1, 2, 1, 1, 2, 2, 1, 1, 1, 1, 2, 1],
                [1, 2, 1, 1, 1, 2, 2, 1, 2, 1, 1, 1],
            ]
        )
        let first = placement.log2phy[0]
        #expect(first[1] == [15, 13])
        #expect(first[4] == [7, 5])
        #expect(first[5] == [0, 2])
        #expect(first[10] == [8, 10])
        #expect(first[0] == [12, -1])
        let second = placement.log2phy[1]
        #expect(second[1] == [15, 11])
        #expect(second[5] == [10, 12])
        #expect(second[6] == [2, 4])
        #expect(second[8] == [6, 3])
    }

    @Test("groups that do not divide by nodes: experts go anywhere, even twice on a GPU")
    func global() throws {
        let placement = try ExpertLoadBalancer.rebalance(
            ExpertLoads(Self.published),
            shape: PlacementShape(replicas: 16, groups: 4, nodes: 3, gpus: 8)
        )
        #expect(
            placement.phy2log == [
                [10, 6, 10, 7, 0, 2, 11, 4, 5, 9, 5, 4, 8, 3, 1, 1],
                [1, 10, 2, 4, 5, 11, 5, 0, 6, 7, 6, 3, 8, 8, 9, 7],
            ]
        )
    }

    @Test("400 plans of many shapes and kinds of loads have the reference's checksums")
    func hashed() throws {
        let plans = try ReferenceTables.read("plans.json", as: ReferenceTables.Plans.self).hashed
        #expect(plans.count == 400)
        for plan in plans {
            #expect(try plan.place().crc32 == plan.crc32, "\(plan)")
        }
    }

    @Test("small plans in full")
    func full() throws {
        let plans = try ReferenceTables.read("plans.json", as: ReferenceTables.Plans.self).full
        #expect(plans.count >= 10)
        for plan in plans {
            let placement = try plan.place()
            #expect(placement.phy2log == plan.phy2log, "\(plan)")
            #expect(placement.log2phy == plan.log2phy, "\(plan)")
            #expect(placement.logcnt == plan.logcnt, "\(plan)")
        }
    }
}
