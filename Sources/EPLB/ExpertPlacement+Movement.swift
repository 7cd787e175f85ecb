public import InfraCore

extension ExpertPlacement {
    /// How many experts' weights GPUs must fetch to change from another placement to this one.
    ///
    /// A GPU fetches an expert that it holds now and did not hold before. A change of slots within
    /// a GPU moves nothing between GPUs and is not counted; nor is a second copy of what the GPU
    /// holds already.
    ///
    /// - Parameters:
    ///   - previous: The placement before, of the same layers, experts and slots.
    ///   - gpuCount: GPUs that the slots are spread over, in order.
    /// - Returns: One count a layer.
    /// - Throws: ``PlacementErrorCode/invalidPlacement`` if the placements differ in size,
    ///   ``PlacementErrorCode/invalidShape`` if the slots do not divide among the GPUs.
    public func expertsMoved(
        from previous: ExpertPlacement,
        gpuCount: Int
    ) throws(PlacementError) -> [Int] {
        try check(gpuCount: gpuCount)
        try previous.check(
            layerCount: layerCount,
            expertCount: expertCount,
            replicaCount: replicaCount
        )
        let slotsPerGPU = replicaCount / gpuCount
        var seen = [Int](repeating: -1, count: expertCount)
        return (0..<layerCount).map { layer in
            (0..<gpuCount).reduce(0) { total, gpu in
                let start = layer * replicaCount + gpu * slotsPerGPU
                let mark = layer * gpuCount + gpu
                for expert in previous.expertOfSlot[start..<start + slotsPerGPU] {
                    seen[Int(expert)] = mark
                }
                var moved = 0
                for expert in expertOfSlot[start..<start + slotsPerGPU]
                where seen[Int(expert)] != mark {
                    seen[Int(expert)] = mark
                    moved += 1
                }
                return total + moved
            }
        }
    }

    /// Whether this placement has the given size, as one to start from must have.
    func check(
        layerCount: Int,
        expertCount: Int,
        replicaCount: Int
    ) throws(PlacementError) {
        guard
            self.layerCount == layerCount, self.expertCount == expertCount,
            self.replicaCount == replicaCount
        else {
            throw PlacementError(
                .invalidPlacement,
                "the previous placement has \(self.layerCount) layers of \(self.expertCount) "
                    + "experts in \(self.replicaCount) slots; it must have \(layerCount) layers "
                    + "of \(expertCount) experts in \(replicaCount) slots"
            )
        }
    }
}
