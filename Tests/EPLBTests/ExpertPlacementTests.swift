import EPLB
import Foundation
import InfraCore
import Testing

@Suite("Placements")
struct ExpertPlacementTests {
    private let small = [[0, 1, 2, 0], [2, 1, 0, 1]]

    @Test("know counts and slots of every expert")
    func maps() throws {
        let placement = try ExpertPlacement(phy2log: small, expertCount: 3)
        #expect(placement.phy2log == small)
        #expect(placement.logcnt == [[2, 1, 1], [1, 2, 1]])
        #expect(
            placement.log2phy == [[[0, 3], [1, -1], [2, -1]], [[2, -1], [1, 3], [0, -1]]]
        )
        #expect(placement.largestReplicaCount == 2)
    }

    @Test("know what each GPU has to do")
    func loads() throws {
        let placement = try ExpertPlacement(phy2log: small, expertCount: 3)
        let loads = try ExpertLoads([[6, 1, 2], [0, 0, 0]])
        #expect(try placement.gpuLoads(under: loads, gpuCount: 2) == [[4, 5], [0, 0]])
        #expect(try placement.balancedness(under: loads, gpuCount: 2) == [0.9, 1])
    }

    @Test("count the experts that GPUs must fetch, not changes of slots within a GPU")
    func moved() throws {
        let before = try ExpertPlacement(phy2log: small, expertCount: 3)
        let after = try ExpertPlacement(phy2log: [[1, 0, 0, 2], [0, 0, 1, 2]], expertCount: 3)
        #expect(try after.expertsMoved(from: before, gpuCount: 2) == [0, 2])
        #expect(try before.expertsMoved(from: before, gpuCount: 4) == [0, 0])
        #expect(try after.expertsMoved(from: before, gpuCount: 4) == [4, 4])
    }

    @Test("come back from JSON with their ranks", arguments: LoadKind.allCases)
    func codable(kind: LoadKind) throws {
        let placement = try ExpertLoadBalancer.rebalance(
            kind.loads(seed: 3, layers: 2, experts: 40),
            shape: PlacementShape(replicas: 48, groups: 4, nodes: 2, gpus: 4)
        )
        let data = try JSONEncoder().encode(placement)
        #expect(try JSONDecoder().decode(ExpertPlacement.self, from: data) == placement)
    }

    @Test("phy2log alone is enough")
    func phy2logAlone() throws {
        let data = Data(#"{"phy2log": [[0, 1, 2, 0]], "balancedness": [1]}"#.utf8)
        let placement = try JSONDecoder().decode(ExpertPlacement.self, from: data)
        #expect(placement.logcnt == [[2, 1, 1]])
    }

    @Test(
        "that contradict themselves are refused",
        arguments: [
            (#"{"phy2log": []}"#, "phy2log has no slot"),
            (#"{"phy2log": [[]]}"#, "phy2log has no slot"),
            (#"{"phy2log": [[0, 1], [0]]}"#, "layer 1 of phy2log has 1 slots; it must have 2"),
            (#"{"phy2log": [[0, -1]]}"#, "slot 1 of layer 0 holds expert -1"),
            (#"{"phy2log": [[0, 2]]}"#, "the number of experts is 3"),
            (#"{"phy2log": [[0, 2, 2]]}"#, "expert 1 is in no slot of layer 0"),
            (#"{"phy2log": [[0, 9223372036854775807]]}"#, "the number of experts is"),
            (#"{"phy2log": [[0, 1]], "logcnt": [[2, 1]]}"#, "logcnt does not count"),
            (#"{"phy2log": [[0, 1]], "logcnt": [[2]]}"#, "holds expert 1; experts are numbered"),
            (#"{"phy2log": [[0, 1]], "log2phy": [[[1], [0]]]}"#, "slot 1 of layer 0 for expert 0"),
            (#"{"phy2log": [[0, 1]], "log2phy": [[[0], [7]]]}"#, "slot 7 of layer 0 for expert 1"),
            (#"{"phy2log": [[0, 1]], "log2phy": [[[0, 0], [1]]]}"#, "slot 0 of layer 0"),
            (#"{"phy2log": [[0, 1]], "log2phy": [[[0], [-1]]]}"#, "log2phy lists 1 slots"),
            (#"{"phy2log": [[0, 1]], "log2phy": [[[0], [1]], [[0], [1]]]}"#, "layer 1"),
        ]
    )
    func contradictions(json: String, message: String) throws {
        let error = try #require(throws: DecodingError.self) {
            try JSONDecoder().decode(ExpertPlacement.self, from: Data(json.utf8))
        }
        guard case .dataCorrupted(let context) = error else {
            Issue.record("\(error)")
            return
        }
        #expect((context.underlyingError as? PlacementError)?.code == .invalidPlacement)
        #expect(context.debugDescription.contains(message), "\(context.debugDescription)")
    }

    @Test("GPUs that do not divide the slots, and loads of another size, are refused")
    func refusals() throws {
        let placement = try ExpertPlacement(phy2log: small, expertCount: 3)
        let loads = try ExpertLoads([[1, 2, 3], [1, 2, 3]])
        for gpus in [0, 3, -1] {
            let error = try #require(throws: PlacementError.self) {
                try placement.gpuLoads(under: loads, gpuCount: gpus)
            }
            #expect(error.code == .invalidShape)
            #expect(throws: PlacementError.self) {
                try placement.expertsMoved(from: placement, gpuCount: gpus)
            }
        }
        let error = try #require(throws: PlacementError.self) {
            try placement.balancedness(under: ExpertLoads([[1, 2, 3]]), gpuCount: 2)
        }
        #expect(error.code == .invalidLoads)
        #expect(error.message.contains("loads has 1 layers of 3 experts"))
    }
}
