extension PipelineSchedule {
    /// The eight steps of DualPipe and DualPipeV for one rank (DeepSeek-V3 technical report,
    /// section 3.2.1; the table stands at ``BidirectionalStepCounts``).
    ///
    /// `own` is the phase whose chunks reach this rank first, `other` the opposite one.
    static func bidirectional(_ counts: BidirectionalStepCounts) -> [PipelineOp] {
        let (own, other) = counts.swapsPhases ? (1, 0) : (0, 1)
        let repeats = counts.repeats
        var list = OperationList()
        for _ in 0..<repeats[0] { list.forward(own) }
        for _ in 0..<repeats[1] {
            list.forward(own)
            list.forward(other)
        }
        for _ in 0..<repeats[2] {
            list.backwardInput(other)
            list.weight()
            list.forward(other)
        }
        for index in 0..<repeats[3] {
            if index == 0, counts.isMiddle {
                list.forward(own)
                list.backward(other)
            } else {
                list.overlapped(forward: own, backward: other)
            }
            list.overlapped(forward: other, backward: own)
        }
        for _ in 0..<repeats[4] {
            list.backward(other)
            list.overlapped(forward: other, backward: own)
        }
        // The later half of these backwards leaves its weight gradients for steps 7 and 8, where
        // they fill the time in which the last input gradients travel outwards.
        let inner = repeats[5]
        for index in 0..<2 * inner {
            let phase = index.isMultiple(of: 2) ? other : own
            if index < inner { list.backward(phase) } else { list.backwardInput(phase) }
        }
        for _ in 0..<repeats[6] {
            list.weight()
            list.backwardInput(own)
        }
        for _ in 0..<repeats[7] { list.weight() }
        return list.operations
    }
}
