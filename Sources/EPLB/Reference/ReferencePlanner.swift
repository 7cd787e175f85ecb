/// DeepSeek's EPLB, step for step and bit for bit.
///
/// Three greedy steps a layer: groups of experts to nodes by their summed loads, redundant copies
/// to the experts with the largest load a replica, replicas to GPUs. Each step is float32, in the
/// original's order of operations, because plans depend on the order among near-equal loads.
struct ReferencePlanner {
    let loads: ExpertLoads
    let shape: PlacementShape

    private var nodeCount: Int { shape.isHierarchical ? shape.nodeCount : 1 }
    private var groupCount: Int { shape.isHierarchical ? shape.groupCount : 1 }

    /// Plans all layers. O(L (P log P + E)).
    func placement() -> ExpertPlacement {
        let layerCount = loads.layerCount
        let (expertCount, slotCount) = (loads.expertCount, shape.replicaCount)
        let workspace = ReferenceWorkspace(capacity: max(slotCount, groupCount))
        var counts = [Int32](repeating: 0, count: layerCount * expertCount)
        var slotsByExpert = [Int32](repeating: 0, count: layerCount * slotCount)
        let expertOfSlot = [Int32](unsafeUninitializedCapacity: layerCount * slotCount) {
            buffer,
            written in
            written = layerCount * slotCount
            guard let slots = buffer.baseAddress else { return }
            loads.values.withUnsafeBufferPointer { values in
                counts.withUnsafeMutableBufferPointer { counts in
                    slotsByExpert.withUnsafeMutableBufferPointer { byExpert in
                        guard let values = values.baseAddress, let counts = counts.baseAddress,
                            let byExpert = byExpert.baseAddress
                        else { return }
                        for layer in 0..<layerCount {
                            plan(
                                values + layer * expertCount,
                                expertOfSlot: slots + layer * slotCount,
                                counts: counts + layer * expertCount,
                                slotsByExpert: byExpert + layer * slotCount,
                                workspace
                            )
                        }
                    }
                }
            }
        }
        return ExpertPlacement(
            layerCount: layerCount,
            expertCount: expertCount,
            replicaCount: slotCount,
            expertOfSlot: expertOfSlot,
            countOfExpert: counts,
            slotsByExpert: slotsByExpert
        )
    }

    /// Plans one layer.
    private func plan(
        _ load: UnsafePointer<Float>,
        expertOfSlot: UnsafeMutablePointer<Int32>,
        counts: UnsafeMutablePointer<Int32>,
        slotsByExpert: UnsafeMutablePointer<Int32>,
        _ workspace: borrowing ReferenceWorkspace
    ) {
        let expertCount = loads.expertCount
        assignGroups(load, workspace)
        let nodeExperts = expertCount / nodeCount
        let nodeSlots = shape.replicaCount / nodeCount
        let slotsPerGPU = shape.slotsPerGPU
        for node in 0..<nodeCount {
            let place = workspace.expertAtPlace + node * nodeExperts
            workspace.replicate(expertCount: nodeExperts, slotCount: nodeSlots) {
                load[Int(place[$0])]
            }
            for replica in 0..<nodeSlots {
                let local = Int(workspace.expert[replica])
                workspace.weights[replica] =
                    load[Int(place[local])] / Float(workspace.counts[local])
            }
            workspace.pack(itemCount: nodeSlots, packCount: shape.gpuCount / nodeCount)
            for replica in 0..<nodeSlots {
                let slot =
                    node * nodeSlots + Int(workspace.pack[replica]) * slotsPerGPU
                    + Int(workspace.rank[replica])
                expertOfSlot[slot] = place[Int(workspace.expert[replica])]
                workspace.rankOfSlot[slot] = workspace.replicaRank[replica]
            }
            for local in 0..<nodeExperts { counts[Int(place[local])] = workspace.counts[local] }
        }
        // Where each expert's slots begin; the heap's memory is free again.
        var offset: UInt64 = 0
        for expert in 0..<expertCount {
            workspace.heap[expert] = offset
            offset += UInt64(counts[expert])
        }
        for slot in 0..<shape.replicaCount {
            let start = Int(workspace.heap[Int(expertOfSlot[slot])])
            slotsByExpert[start + Int(workspace.rankOfSlot[slot])] = Int32(slot)
        }
    }

    /// Packs groups into nodes, and lists the experts node by node.
    private func assignGroups(
        _ load: UnsafePointer<Float>,
        _ workspace: borrowing ReferenceWorkspace
    ) {
        let groupSize = loads.expertCount / groupCount
        let groupsPerNode = groupCount / nodeCount
        if groupsPerNode > 1 {
            for group in 0..<groupCount {
                workspace.weights[group] = LaneSum.sum(load + group * groupSize, count: groupSize)
            }
        }
        workspace.pack(itemCount: groupCount, packCount: nodeCount)
        for group in 0..<groupCount {
            let place =
                (Int(workspace.pack[group]) * groupsPerNode + Int(workspace.rank[group]))
                * groupSize
            for index in 0..<groupSize {
                workspace.expertAtPlace[place + index] = Int32(group * groupSize + index)
            }
        }
    }
}
