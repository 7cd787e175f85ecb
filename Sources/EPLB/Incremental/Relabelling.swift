/// Gives a new plan's GPUs the numbers under which most experts stay where they are.
struct Relabelling {
    let previous: [Int]
    let expertCount: Int
    let gpuCount: Int
    /// GPUs that must stay together; all of them where experts go anywhere.
    let gpusPerNode: Int

    private var slotsPerGPU: Int { previous.count / gpuCount }

    /// The plan with its nodes and GPUs renumbered, and every expert that stays on its GPU in its
    /// old slot.
    func apply(to plan: [Int]) -> [Int] {
        let common = overlaps(plan)
        let nodeCount = gpuCount / gpusPerNode
        var target = [Int](repeating: 0, count: gpuCount)
        var pairings: [[[Int]]] = []
        var values: [[Int]] = []
        for node in 0..<nodeCount {
            var row: [[Int]] = []
            var sums: [Int] = []
            for place in 0..<nodeCount {
                let block = (0..<gpusPerNode).map { gpu in
                    let start = place * gpusPerNode
                    return Array(common[node * gpusPerNode + gpu][start..<start + gpusPerNode])
                }
                let pairing = Assignment.best(block)
                row.append(pairing)
                sums.append(pairing.indices.reduce(0) { $0 + block[$1][pairing[$1]] })
            }
            pairings.append(row)
            values.append(sums)
        }
        for (node, place) in Assignment.best(values).enumerated() {
            for (gpu, other) in pairings[node][place].enumerated() {
                target[node * gpusPerNode + gpu] = place * gpusPerNode + other
            }
        }
        var result = plan
        for gpu in 0..<gpuCount {
            let range = target[gpu] * slotsPerGPU..<(target[gpu] + 1) * slotsPerGPU
            result.replaceSubrange(
                range,
                with: plan[gpu * slotsPerGPU..<(gpu + 1) * slotsPerGPU]
            )
        }
        return keepingSlots(result)
    }

    /// The plan with every expert that stays on its GPU in its old slot.
    func keepingSlots(_ plan: [Int]) -> [Int] {
        var result = [Int](repeating: -1, count: plan.count)
        for gpu in 0..<gpuCount {
            let slots = gpu * slotsPerGPU..<(gpu + 1) * slotsPerGPU
            var rest: [Int] = []
            for expert in plan[slots] {
                let old = slots.first { previous[$0] == expert && result[$0] < 0 }
                if let old { result[old] = expert } else { rest.append(expert) }
            }
            for (slot, expert) in zip(slots.filter { result[$0] < 0 }, rest) {
                result[slot] = expert
            }
        }
        return result
    }

    /// How many experts each GPU of the plan has in common with each GPU before.
    private func overlaps(_ plan: [Int]) -> [[Int]] {
        var gpusOf = [[Int]](repeating: [], count: expertCount)
        for (slot, expert) in previous.enumerated() where gpusOf[expert].last != slot / slotsPerGPU {
            gpusOf[expert].append(slot / slotsPerGPU)
        }
        return (0..<gpuCount).map { gpu in
            var row = [Int](repeating: 0, count: gpuCount)
            for expert in Set(plan[gpu * slotsPerGPU..<(gpu + 1) * slotsPerGPU]) {
                for other in gpusOf[expert] { row[other] += 1 }
            }
            return row
        }
    }
}
