import EPLB
import InfraCore
import Testing

@Suite("Shapes")
struct PlacementShapeTests {
    @Test(
        "whose counts do not fit are refused with the argument's name",
        arguments: [
            (0, 1, 1, 1, "replicas is 0; it must be 1 to 65536"),
            (65_537, 1, 1, 1, "replicas is 65537; it must be 1 to 65536"),
            (8, 0, 1, 1, "groups is 0;"),
            (8, 1, -1, 1, "nodes is -1;"),
            (8, 1, 1, 0, "gpus is 0;"),
            (9, 1, 1, 2, "replicas is 9; it must be a multiple of gpus, 2"),
            (12, 4, 2, 3, "gpus is 3; it must be a multiple of nodes, 2"),
        ]
    )
    func refusals(replicas: Int, groups: Int, nodes: Int, gpus: Int, message: String) throws {
        let error = try #require(throws: PlacementError.self) {
            try PlacementShape(replicas: replicas, groups: groups, nodes: nodes, gpus: gpus)
        }
        #expect(error.code == .invalidShape)
        #expect(error.message.contains(message), "\(error.message)")
    }

    @Test("GPUs need not divide by nodes where experts go anywhere")
    func global() throws {
        let shape = try PlacementShape(replicas: 16, groups: 4, nodes: 3, gpus: 8)
        #expect(!shape.isHierarchical)
        #expect(shape.slotsPerGPU == 2)
    }

    @Test(
        "that the experts do not fit are refused",
        arguments: [
            (8, 1, 9, "replicas is 8; it must be at least the number of experts, 9"),
            (16, 4, 9, "groups is 4; it must divide the number of experts, 9"),
        ]
    )
    func experts(replicas: Int, groups: Int, experts: Int, message: String) throws {
        let loads = try ExpertLoads([[Int](repeating: 1, count: experts)])
        let shape = try PlacementShape(replicas: replicas, groups: groups, gpus: 2)
        let error = try #require(throws: PlacementError.self) {
            try ExpertLoadBalancer.rebalance(loads, shape: shape)
        }
        #expect(error.code == .invalidShape)
        #expect(error.message.contains(message), "\(error.message)")
    }
}
