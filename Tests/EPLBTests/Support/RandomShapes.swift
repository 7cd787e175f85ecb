import EPLB

/// A placement problem drawn at random, and the rules any plan for it must keep.
struct RandomProblem: CustomStringConvertible {
    let loads: ExpertLoads
    let shape: PlacementShape
    let description: String

    /// Draws counts that fit each other, among them ones whose groups do not divide by nodes.
    init(seed: UInt64, kind: LoadKind) throws {
        var random = SplitMix(seed: seed)
        func upTo(_ limit: Int) -> Int { Int.random(in: 1...limit, using: &random) }
        let nodes = upTo(4)
        let groups = Bool.random(using: &random) ? nodes * upTo(3) : upTo(6)
        let gpus = nodes * upTo(5)
        let experts = groups * upTo(12)
        let slots = (experts + gpus - 1) / gpus + upTo(4) - 1
        shape = try PlacementShape(
            replicas: slots * gpus,
            groups: groups,
            nodes: nodes,
            gpus: gpus
        )
        loads = try kind.loads(seed: seed, layers: 2, experts: experts)
        description =
            "seed \(seed): \(experts) experts in \(groups) groups to \(slots * gpus) slots on "
            + "\(gpus) GPUs of \(nodes) nodes, \(kind) loads"
    }

    /// Random problems of every kind of load.
    static func all(count: Int) throws -> [RandomProblem] {
        try (0..<count).map { index in
            let kinds = LoadKind.allCases
            return try RandomProblem(seed: UInt64(index), kind: kinds[index % kinds.count])
        }
    }
}

extension ExpertPlacement {
    /// The experts that some GPU holds more than once, as `(layer, gpu)`.
    func doubles(gpuCount: Int) -> [(layer: Int, gpu: Int)] {
        let size = replicaCount / gpuCount
        return phy2log.enumerated().flatMap { layer, slots in
            (0..<gpuCount).compactMap { gpu in
                Set(slots[gpu * size..<(gpu + 1) * size]).count < size ? (layer, gpu) : nil
            }
        }
    }

    /// What contradicts itself, if anything.
    var inconsistency: String? {
        let (slots, ranks, counts) = (phy2log, log2phy, logcnt)
        for layer in slots.indices {
            for expert in counts[layer].indices {
                let listed = ranks[layer][expert].filter { $0 >= 0 }
                if counts[layer][expert] < 1 { return "expert \(expert) is nowhere" }
                if listed.count != counts[layer][expert] { return "count of expert \(expert)" }
                if listed.contains(where: { slots[layer][$0] != expert }) {
                    return "slots of expert \(expert)"
                }
                if Set(listed).count != listed.count { return "a slot of \(expert) twice" }
            }
        }
        return nil
    }

    /// Whether every group's experts lie on one node, with as many groups on each.
    func keepsGroups(_ shape: PlacementShape) -> Bool {
        let groupSize = expertCount / shape.groupCount
        let nodeSlots = replicaCount / shape.nodeCount
        return phy2log.allSatisfy { slots in
            var nodes = [Set<Int>](repeating: [], count: shape.groupCount)
            for (slot, expert) in slots.enumerated() {
                nodes[expert / groupSize].insert(slot / nodeSlots)
            }
            return nodes.allSatisfy { $0.count == 1 }
        }
    }
}

/// The mean of some figures.
func mean(_ values: [Double]) -> Double { values.reduce(0, +) / Double(values.count) }
