import EPLB
import Foundation
import InfraCore
import Testing

@Suite("Before and after a plan")
struct PlacementReportTests {
    @Test("experts in order against a plan with one spare slot a GPU")
    func comparison() throws {
        let counts = [[80, 10, 10, 10, 20, 10, 10, 10], [5, 5, 5, 5, 5, 5, 5, 5]]
        let comparison = try PlacementComparison(counts: counts, gpuCount: 4)
        #expect(comparison.shape.replicaCount == 12)
        #expect(comparison.loadsBefore == [[90, 20, 30, 20], [10, 10, 10, 10]])
        #expect(comparison.balancednessBefore == [40.0 / 90, 1])
        #expect(comparison.placement.logcnt[0][0] == 4)
        #expect(comparison.balancednessAfter[0] > 0.9)
        #expect(comparison.loadsAfter.allSatisfy { $0.count == 4 })
        for (before, after) in zip(comparison.loadsBefore, comparison.loadsAfter) {
            #expect(abs(before.reduce(0, +) - after.reduce(0, +)) < 1e-9)
        }
    }

    @Test("experts that do not divide by GPUs, and more GPUs than experts", arguments: [3, 5, 16])
    func unevenCounts(gpus: Int) throws {
        let loads = try LoadKind.counts.loads(seed: 1, layers: 2, experts: 8)
        let comparison = try PlacementComparison(loads: loads, gpuCount: gpus)
        for layer in 0..<2 {
            #expect(comparison.loadsBefore[layer].count == gpus)
            #expect(
                comparison.balancednessAfter[layer] >= comparison.balancednessBefore[layer]
            )
        }
        #expect(loads.balancednessInOrder(gpuCount: gpus) == comparison.balancednessBefore)
    }

    @Test("no GPU, or more than slots can be counted for, is refused", arguments: [0, 40_000])
    func refusals(gpus: Int) throws {
        let error = try #require(throws: PlacementError.self) {
            try PlacementComparison(counts: [[1, 2]], gpuCount: gpus)
        }
        #expect(error.code == .invalidShape)
    }

    @Test("the picture has a row a layer and is well-formed XML", arguments: [1, 6, 58])
    func picture(layers: Int) throws {
        let loads = try LogNormal.loads(layers: layers, experts: 64, seed: 2)
        let plan = try ExpertLoadBalancer.rebalance(
            loads,
            shape: PlacementShape(replicas: 72, gpus: 8),
            policy: .balanced()
        )
        let svg = try PlacementPicture(plan, loads: loads, gpuCount: 8).svg
        #expect(svg.contains("\(layers) layers, 64 experts in 72 slots on 8 GPUs"))
        #expect(svg.contains(">layer \(layers - 1)<") && !svg.contains(">layer \(layers)<"))
        #expect(svg.contains("experts in order"))
        #expect(!svg.contains("nan") && !svg.contains("inf"))
        // Every tag that opens closes.
        #expect(svg.count(of: "<text") == svg.count(of: "</text>"))
        #expect(svg.hasSuffix("</svg>\n"))
        #expect(
            try PlacementPicture(plan, loads: loads, gpuCount: 8, previous: plan).svg
                .contains("the previous plan")
        )
    }

    @Test("the picture of a layer without load draws no bars of undefined height")
    func idle() throws {
        let loads = try ExpertLoads([[0, 0, 0, 0]])
        let plan = try ExpertLoadBalancer.rebalance(
            loads,
            shape: PlacementShape(replicas: 4, gpus: 2)
        )
        let svg = try PlacementPicture(plan, loads: loads, gpuCount: 2).svg
        #expect(!svg.contains("nan") && !svg.contains("inf"))
        #expect(svg.contains("1.00 → 1.00"))
    }
}

extension String {
    fileprivate func count(of part: String) -> Int { ranges(of: part).count }
}
