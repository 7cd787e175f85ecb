import Foundation
import InfraCore
import Testing
import Transport

@Suite("Messages between ranks")
struct MessageTests {
    private func tag(_ stream: UInt64, space: UInt64 = 1) -> MessageTag {
        MessageTag(space: space, stream: stream)
    }

    private var soon: Deadline { Deadline(after: .seconds(10)) }

    @Test("header and payloads of any size arrive unchanged", arguments: TestGroup.allCases)
    func sizes(_ group: TestGroup) throws {
        // Below, at, around and far above the ring's 4096 bytes.
        let sizes = [0, 1, 63, 4071, 4072, 4096, 4097, 100_000, 3_000_001]
        try _ = group.run(2) { transport in
            if transport.rank == 0 {
                for (index, size) in sizes.enumerated() {
                    let payloads = [
                        MessagePayload(storage: pattern(size, seed: index)),
                        MessagePayload(storage: pattern(8, seed: 1), byteOffset: 3, byteCount: 4),
                    ]
                    let message = Message(header: [UInt8(index), 255], payloads: payloads)
                    try transport.send(message, to: 1, tag: tag(0), deadline: soon)
                }
                try transport.send(Message(), to: 1, tag: tag(0), deadline: soon)
            } else {
                for (index, size) in sizes.enumerated() {
                    let message = try transport.receive(from: 0, tag: tag(0), deadline: soon)
                    #expect(message.header == [UInt8(index), 255])
                    #expect(holds(message, 0, size, seed: index))
                    #expect(message.payloads.count == 2)
                    #expect(
                        Array(message.payloads[1].bytes) == Array(patternBytes(8, seed: 1)[3..<7])
                    )
                }
                let empty = try transport.receive(from: 0, tag: tag(0), deadline: soon)
                #expect(empty.header.isEmpty && empty.payloads.isEmpty)
            }
        }
    }

    @Test("tags never mix, whatever the order of asking", arguments: TestGroup.allCases)
    func tags(_ group: TestGroup) throws {
        try _ = group.run(2) { transport in
            let tags = [tag(1), tag(2), tag(1, space: 2)]
            if transport.rank == 0 {
                for number in 0..<20 {
                    for (index, tag) in tags.enumerated() {
                        let message = Message(header: [UInt8(number * 3 + index)])
                        try transport.send(message, to: 1, tag: tag, deadline: soon)
                    }
                }
            } else {
                for (index, tag) in tags.enumerated().reversed() {
                    for number in 0..<20 {
                        let message = try transport.receive(from: 0, tag: tag, deadline: soon)
                        #expect(message.header == [UInt8(number * 3 + index)])
                    }
                }
            }
        }
    }

    @Test("everyone talks to everyone and to itself at once", arguments: TestGroup.allCases)
    func allToAll(_ group: TestGroup) throws {
        try _ = group.run(5) { transport in
            for round in 0..<20 {
                for peer in 0..<5 {
                    let size = (round * 977 + peer * 131) % 20_000
                    let message = Message(
                        header: [UInt8(round), UInt8(transport.rank)],
                        payloads: [
                            MessagePayload(storage: pattern(size, seed: transport.rank))
                        ]
                    )
                    try transport.send(message, to: peer, tag: tag(7), deadline: soon)
                }
                for peer in (0..<5).reversed() {
                    let message = try transport.receive(from: peer, tag: tag(7), deadline: soon)
                    let size = (round * 977 + transport.rank * 131) % 20_000
                    #expect(message.header == [UInt8(round), UInt8(peer)])
                    #expect(holds(message, 0, size, seed: peer))
                }
            }
        }
    }

    @Test("within a process payloads are shared, not copied")
    func zeroCopy() throws {
        let block = pattern(64, seed: 0)
        let address = UInt(bitPattern: block.base)
        let received = try RankGroup.run(rankCount: 2) { transport -> UInt in
            if transport.rank == 0 {
                let message = Message(payloads: [MessagePayload(storage: block)])
                try transport.send(message, to: 1, tag: tag(0), deadline: soon)
                return 0
            }
            let message = try transport.receive(from: 0, tag: tag(0), deadline: soon)
            return UInt(bitPattern: message.payloads[0].storage.base)
        }
        #expect(received[1] == address)
    }

    @Test(
        "send does not wait for the receiver below the queue's limit",
        arguments: TestGroup.allCases
    )
    func sendIsQueued(_ group: TestGroup) throws {
        try _ = group.run(2, limits: TransportLimits(maximumQueuedByteCount: 1 << 20)) {
            transport in
            let peer = 1 - transport.rank
            // Both send first: with a rendezvous this would be a deadlock.
            for seed in 0..<5 {
                let message = Message(payloads: [
                    MessagePayload(storage: pattern(100_000, seed: seed))
                ])
                try transport.send(message, to: peer, tag: tag(0), deadline: soon)
            }
            for seed in 0..<5 {
                let message = try transport.receive(from: peer, tag: tag(0), deadline: soon)
                #expect(holds(message, 0, 100_000, seed: seed))
            }
        }
    }

    @Test(
        "a full queue blocks the sender until the receiver takes something",
        arguments: TestGroup.allCases
    )
    func backpressure(_ group: TestGroup) throws {
        let limits = TransportLimits(maximumQueuedByteCount: 10_000)
        try _ = group.run(2, limits: limits) { transport in
            if transport.rank == 0 {
                for seed in 0..<200 {
                    let message = Message(
                        payloads: [MessagePayload(storage: pattern(4000, seed: seed))]
                    )
                    try transport.send(message, to: 1, tag: tag(0), deadline: soon)
                }
            } else {
                // Later than the sender could have queued everything.
                Thread.sleep(forTimeInterval: 0.05)
                for seed in 0..<200 {
                    let message = try transport.receive(from: 0, tag: tag(0), deadline: soon)
                    #expect(holds(message, 0, 4000, seed: seed))
                }
            }
        }
    }

    @Test(
        "a queue that stays full ends in an error that names both ranks",
        arguments: TestGroup.allCases
    )
    func queueStaysFull(_ group: TestGroup) throws {
        let limits = TransportLimits(maximumQueuedByteCount: 1000)
        let error = try #require(throws: TransportError.self) {
            _ = try group.run(2, limits: limits) { transport in
                guard transport.rank == 0 else {
                    _ = try transport.receive(from: 0, tag: tag(9), deadline: soon)
                    return
                }
                for _ in 0..<100 {
                    let message = Message(payloads: [MessagePayload(storage: pattern(900, seed: 0))]
                    )
                    let deadline = Deadline(after: .milliseconds(50))
                    try transport.send(message, to: 1, tag: tag(0), deadline: deadline)
                }
            }
        }
        #expect(error.code == .timeout)
        #expect(error.message.hasPrefix("rank 0 waited 0.05 seconds to send 900 bytes"))
        #expect(error.message.contains("to rank 1"))
    }

    @Test(
        "a wait ends at its deadline and says who waited for whom, which tag, how long",
        arguments: TestGroup.allCases
    )
    func timeout(_ group: TestGroup) throws {
        let error = try #require(throws: TransportError.self) {
            _ = try group.run(2) { transport in
                guard transport.rank == 0 else {
                    try transport.send(Message(), to: 0, tag: tag(4), deadline: soon)
                    _ = try transport.receive(from: 0, tag: tag(5), deadline: soon)
                    return
                }
                let deadline = Deadline(after: .milliseconds(300))
                _ = try transport.receive(from: 1, tag: tag(1), deadline: deadline)
            }
        }
        #expect(error.code == .timeout)
        #expect(
            error.message
                == "rank 0 waited 0.3 seconds for a message with tag 1 of space 1 from rank 1 "
                + "(1 messages with other tags wait)"
        )
    }

    @Test("the first error wins; the others are woken and told", arguments: TestGroup.allCases)
    func firstErrorWins(_ group: TestGroup) throws {
        struct Broken: Error, Equatable {}
        let start = ContinuousClock.now
        #expect(throws: Broken()) {
            _ = try group.run(3) { transport in
                if transport.rank == 2 {
                    Thread.sleep(forTimeInterval: 0.05)
                    throw Broken()
                }
                do {
                    _ = try transport.receive(
                        from: 2,
                        tag: tag(0),
                        deadline: Deadline(after: .seconds(60))
                    )
                } catch let error as TransportError {
                    #expect(error.code == .aborted)
                    #expect(error.message.contains("rank 2 ended the group: Broken"))
                    throw error
                }
            }
        }
        #expect(ContinuousClock.now - start < .seconds(5))
    }

    @Test("a wait for a rank that has finished fails at once", arguments: TestGroup.allCases)
    func finishedPeer(_ group: TestGroup) throws {
        let error = try #require(throws: TransportError.self) {
            _ = try group.run(2) { transport in
                if transport.rank == 0 {
                    // What was sent before is still delivered.
                    try transport.send(Message(header: [1]), to: 1, tag: tag(0), deadline: soon)
                    return
                }
                let message = try transport.receive(from: 0, tag: tag(0), deadline: soon)
                #expect(message.header == [1])
                _ = try transport.receive(
                    from: 0,
                    tag: tag(0),
                    deadline: Deadline(after: .seconds(60))
                )
            }
        }
        #expect(error.code == .peerLost)
        #expect(error.message.contains("from rank 0, which has finished without sending it"))
    }

    @Test(
        "ranks outside the group and messages beyond the limits are refused",
        arguments: TestGroup.allCases
    )
    func refusals(_ group: TestGroup) throws {
        let limits = TransportLimits(maximumMessageByteCount: 100)
        try _ = group.run(1, limits: limits) { transport in
            for peer in [-1, 1] {
                let error = try #require(throws: TransportError.self) {
                    try transport.send(Message(), to: peer, tag: tag(0), deadline: soon)
                }
                #expect(error.code == .invalidArgument)
                #expect(error.message == "destination is \(peer); the group has ranks 0..<1")
                #expect(throws: TransportError.self) {
                    try transport.receive(from: peer, tag: tag(0), deadline: soon)
                }
            }
            let large = Message(payloads: [MessagePayload(storage: pattern(101, seed: 0))])
            let error = try #require(throws: TransportError.self) {
                try transport.send(large, to: 0, tag: tag(0), deadline: soon)
            }
            #expect(error.message.contains("message has 101 bytes"))
        }
    }

    @Test("the suspending form returns results in the ranks' order and throws as the blocking one")
    func asynchronous() async throws {
        let results = try await RankGroup.run(rankCount: 4) { $0.rank * 10 }
        #expect(results == [0, 10, 20, 30])
        struct Broken: Error {}
        await #expect(throws: Broken.self) {
            _ = try await RankGroup.run(rankCount: 2) { _ in throw Broken() }
        }
    }

    @Test("group sizes that cannot be are refused", arguments: [0, -1, 1025])
    func groupSizes(_ count: Int) throws {
        let error = try #require(throws: TransportError.self) {
            _ = try RankGroup.run(rankCount: count) { $0.rank }
        }
        #expect(error.message == "ranks is \(count); a group of threads has 1 to 1024")
    }
}
