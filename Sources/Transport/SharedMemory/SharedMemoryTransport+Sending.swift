/// The thread that writes what did not fit a ring at once.
extension SharedMemoryTransport {
    /// Writes what was queued as room appears.
    func sendLoop() {
        let bell = segment.outboundBell(rank)
        while true {
            let seen = segment.load(bell)
            let isClosed = outgoing.update { state in
                for destination in state.queues.indices { pump(&state, destination) }
                return state.isClosed
            }
            if isClosed { break }
            segment.sleep(bell, seen: seen, nanoseconds: UInt64(Self.livenessNanoseconds))
        }
        workers.update { $0 -= 1 }
    }

    private func pump(_ state: inout Outgoing, _ destination: Int) {
        let ring = outgoingRings[destination]
        var finished = 0
        var written = 0
        for index in state.queues[destination].indices {
            written += state.queues[destination][index].write(to: ring)
            if !state.queues[destination][index].isDone {
                // Asked first and tried again, so that room made in between is not missed.
                ring.askForRoom()
                written += state.queues[destination][index].write(to: ring)
            }
            guard state.queues[destination][index].isDone else { break }
            state.byteCounts[destination] -= state.queues[destination][index].byteCount
            finished += 1
        }
        state.queues[destination].removeFirst(finished)
        if written > 0 { segment.ring(segment.inboundBell(destination)) }
    }
}
