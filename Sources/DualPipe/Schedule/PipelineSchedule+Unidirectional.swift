extension PipelineSchedule {
    /// 1F1B: fill the pipeline, alternate forward and backward, drain.
    ///
    /// Rank `r` runs ahead by `P-1-r` forwards, which bounds its live activations by `P-r`.
    static func oneForwardOneBackward(rank: Int, rankCount: Int, chunks: Int) -> [PipelineOp] {
        let warmup = min(rankCount - 1 - rank, chunks)
        var list = OperationList()
        for _ in 0..<warmup { list.forward(0) }
        for _ in warmup..<chunks {
            list.forward(0)
            list.backward(0)
        }
        for _ in 0..<warmup { list.backward(0) }
        return list.operations
    }

    /// ZB-H1 (Qi et al. 2023, section 2.2): as 1F1B with the backward split in halves, and rank
    /// `r` lets `r` weight gradients wait.
    ///
    /// The input gradient reaches the rank before sooner, and the waiting weight gradients fill
    /// the drain. Rank `r` saves `r` live activations in warm-up against rank 0, which is what
    /// the waiting ones cost: no rank holds more than `P`.
    static func zeroBubble(rank: Int, rankCount: Int, chunks: Int) -> [PipelineOp] {
        let warmup = min(rankCount - 1 - rank, chunks)
        var list = OperationList()
        func backward() {
            list.backwardInput(0)
            if list.weightBacklog > rank { list.weight() }
        }
        for _ in 0..<warmup { list.forward(0) }
        for _ in warmup..<chunks {
            list.forward(0)
            backward()
        }
        for _ in 0..<warmup { backward() }
        while list.weightBacklog > 0 { list.weight() }
        return list.operations
    }
}
