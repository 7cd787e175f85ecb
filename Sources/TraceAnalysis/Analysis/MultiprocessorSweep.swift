/// Walks through time and adds up how many multiprocessors each side holds.
enum MultiprocessorSweep {
    /// - Returns: The averages; `nil` if no communication says how many blocks it has.
    static func use(of segments: [Segment], count: Int) -> MultiprocessorUse? {
        struct Change {
            var time: Int64
            var communication = 0
            var compute = 0
        }
        var changes: [Change] = []
        for segment in segments where segment.interval.length > 0 {
            guard segment.blockCount >= 0 else { continue }
            let held = min(Int(segment.blockCount), count)
            var change = Change(time: segment.interval.start)
            switch segment.role {
            case .communication: change.communication = held
            case .compute: change.compute = held
            case .memory, .ignored: continue
            }
            changes.append(change)
            change = Change(
                time: segment.interval.end,
                communication: -change.communication,
                compute: -change.compute
            )
            changes.append(change)
        }
        changes.sort { $0.time < $1.time }
        var (communication, compute) = (0, 0)
        var (busy, heldTime, computeTime) = (0.0, 0.0, 0.0)
        for (change, next) in zip(changes, changes.dropFirst()) {
            communication += change.communication
            compute += change.compute
            guard communication > 0 else { continue }
            let time = Double(next.time - change.time)
            let held = min(communication, count)
            busy += time
            heldTime += time * Double(held)
            computeTime += time * Double(min(compute, count - held))
        }
        guard busy > 0 else { return nil }
        return MultiprocessorUse(
            count: count,
            communication: heldTime / busy,
            computeDuringCommunication: computeTime / busy
        )
    }
}
