import CLinux

/// Words that all processes see, and the doorbells that wake them.
extension SharedSegment {
    func word(_ offset: Int) -> UnsafeMutablePointer<UInt32> {
        (base + offset).assumingMemoryBound(to: UInt32.self)
    }

    func load(_ offset: Int) -> UInt32 { oi_atomic_load_u32(word(offset)) }

    func store(_ offset: Int, _ value: UInt32) { oi_atomic_store_u32(word(offset), value) }

    /// Adds to a word and returns what it held.
    func add(_ offset: Int, _ value: UInt32) -> UInt32 { oi_atomic_add_u32(word(offset), value) }

    /// Wakes whoever sleeps on a doorbell.
    func ring(_ offset: Int) {
        _ = add(offset, 1)
        _ = oi_futex_wake(word(offset), Int32.max)
    }

    /// Sleeps until a doorbell rings that has not rung since `seen` was read.
    func sleep(_ offset: Int, seen: UInt32, nanoseconds: UInt64) {
        _ = oi_futex_wait(word(offset), seen, nanoseconds)
    }

    func inboundBell(_ rank: Int) -> Int {
        layout.rankBlock(rank) + SegmentLayout.inboundBellOffset
    }

    func outboundBell(_ rank: Int) -> Int {
        layout.rankBlock(rank) + SegmentLayout.outboundBellOffset
    }

    func state(_ rank: Int) -> SegmentRankState {
        SegmentRankState(rawValue: load(layout.rankBlock(rank) + SegmentLayout.stateOffset))
            ?? .absent
    }

    func setState(_ rank: Int, _ state: SegmentRankState) {
        store(layout.rankBlock(rank) + SegmentLayout.stateOffset, state.rawValue)
    }

    func processOffset(_ rank: Int) -> Int {
        layout.rankBlock(rank) + SegmentLayout.processOffset
    }

    /// Wakes every thread of every rank that sleeps on this segment.
    func ringAll() {
        for rank in 0..<layout.rankCount {
            ring(inboundBell(rank))
            ring(outboundBell(rank))
        }
    }
}
