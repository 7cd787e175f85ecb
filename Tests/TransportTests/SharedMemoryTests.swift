import Foundation
import InfraCore
import Testing
import Transport

@Suite("Shared memory between processes")
struct SharedMemoryTests {
    private let tag = MessageTag(stream: 3)

    private func join(_ owner: SegmentOwner, _ rank: Int) throws -> SharedMemoryTransport {
        try SharedMemoryTransport(joining: owner.path, rank: rank)
    }

    @Test("a rank that ends without a word is noticed and named")
    func peerDies() throws {
        let owner = try SegmentOwner(rankCount: 3, ringByteCount: 4096)
        let ranks = try (0..<3).map { try join(owner, $0) }
        let start = ContinuousClock.now
        ranks[1].vanish()
        for waiting in [ranks[0], ranks[2]] {
            let error = try #require(throws: TransportError.self) {
                try waiting.receive(from: 1, tag: tag, deadline: Deadline(after: .seconds(30)))
            }
            #expect(error.code == .peerLost || error.code == .aborted)
            #expect(
                error.message.contains("rank 1 (process \(getpid())) has ended without finishing")
            )
        }
        #expect(ContinuousClock.now - start < .seconds(3))
        // Sending fails as well, and so do waits for ranks that still live.
        #expect(throws: TransportError.self) {
            try ranks[0].send(Message(), to: 2, tag: tag, deadline: Deadline(after: .seconds(1)))
        }
        ranks[0].vanish()
        ranks[2].vanish()
    }

    @Test("the end of the launcher ends the group")
    func launcherDies() throws {
        let owner = try SegmentOwner(rankCount: 2, ringByteCount: 4096, hasLauncher: true)
        let ranks = try (0..<2).map { try join(owner, $0) }
        owner.vanish()
        let error = try #require(throws: TransportError.self) {
            try ranks[0].receive(from: 1, tag: tag, deadline: Deadline(after: .seconds(30)))
        }
        #expect(error.message.contains("the process that started the ranks has ended"))
        for rank in ranks { rank.vanish() }
    }

    @Test("the file's name is gone once all ranks have joined")
    func nameGoesAway() throws {
        let owner = try SegmentOwner(rankCount: 2, ringByteCount: 4096)
        #expect(FileManager.default.fileExists(atPath: owner.path))
        let first = try join(owner, 0)
        #expect(FileManager.default.fileExists(atPath: owner.path))
        let second = try join(owner, 1)
        #expect(!FileManager.default.fileExists(atPath: owner.path))
        try first.close(deadline: Deadline(after: .seconds(1)))
        try second.close(deadline: Deadline(after: .seconds(1)))
    }

    @Test("what a crashed group left behind is removed by the next one; what lives stays")
    func staleSegments() throws {
        let living = try SegmentOwner(rankCount: 2, ringByteCount: 4096)
        let rank = try join(living, 0)
        let stale = "/dev/shm/openinfra-test-\(UUID().uuidString)"
        let young = stale + "-young"
        defer { for path in [stale, young] { try? FileManager.default.removeItem(atPath: path) } }
        for path in [stale, young] { try Data(count: 10).write(to: URL(filePath: path)) }
        let longAgo = Date(timeIntervalSinceNow: -3600)
        for path in [stale, living.path] {
            try FileManager.default.setAttributes([.modificationDate: longAgo], ofItemAtPath: path)
        }
        let next = try SegmentOwner(rankCount: 1, ringByteCount: 4096)
        #expect(!FileManager.default.fileExists(atPath: stale))
        #expect(FileManager.default.fileExists(atPath: young))
        #expect(FileManager.default.fileExists(atPath: living.path))
        #expect(FileManager.default.fileExists(atPath: next.path))
        rank.vanish()
    }

    @Test("a rank joins once, and only as a rank of the segment")
    func joining() throws {
        let owner = try SegmentOwner(rankCount: 2, ringByteCount: 4096)
        let first = try join(owner, 0)
        let twice = try #require(throws: TransportError.self) { try join(owner, 0) }
        #expect(twice.message.contains("rank 0 of segment") && twice.code == .sharedMemory)
        let outside = try #require(throws: TransportError.self) { try join(owner, 2) }
        #expect(outside.message.contains("rank is 2") && outside.code == .invalidArgument)
        let missing = try #require(throws: TransportError.self) {
            try SharedMemoryTransport(joining: "/dev/shm/openinfra-missing", rank: 0)
        }
        #expect(missing.code == .sharedMemory)
        first.vanish()
    }

    @Test("a file that is no segment is refused")
    func notASegment() throws {
        let path = NSTemporaryDirectory() + UUID().uuidString
        defer { try? FileManager.default.removeItem(atPath: path) }
        for content in [Data(), Data(repeating: 7, count: 8192)] {
            try content.write(to: URL(filePath: path))
            let error = try #require(throws: TransportError.self) {
                try SharedMemoryTransport(joining: path, rank: 0)
            }
            #expect(error.code == .sharedMemory)
            #expect(error.message.contains("is no segment of this version"))
        }
    }

    @Test("a peer that sends nonsense ends the group instead of taking memory")
    func nonsense() throws {
        let owner = try SegmentOwner(rankCount: 2, ringByteCount: 4096)
        let ranks = try (0..<2).map { try join(owner, $0) }
        owner.scribble(from: 0, to: 1, Array(repeating: 0xFF, count: 64))
        let error = try #require(throws: TransportError.self) {
            try ranks[1].receive(from: 0, tag: tag, deadline: Deadline(after: .seconds(10)))
        }
        #expect(error.code == .aborted)
        #expect(error.message.contains("rank 0 sent a frame that cannot be"))
        for rank in ranks { rank.vanish() }
    }

    @Test("a payload size beyond the limit is refused before memory is taken")
    func hugePayload() throws {
        let owner = try SegmentOwner(rankCount: 2, ringByteCount: 4096)
        let ranks = try (0..<2).map { try join(owner, $0) }
        var frame = [UInt8](repeating: 0, count: 32)
        frame[20] = 1
        frame[30] = 0x10
        owner.scribble(from: 0, to: 1, frame)
        let error = try #require(throws: TransportError.self) {
            try ranks[1].receive(from: 0, tag: tag, deadline: Deadline(after: .seconds(10)))
        }
        #expect(error.message.contains("payload 0 of"))
        for rank in ranks { rank.vanish() }
    }

    @Test("closing waits for the others to take what is queued, up to its deadline")
    func closing() throws {
        let owner = try SegmentOwner(rankCount: 2, ringByteCount: 4096)
        let first = try join(owner, 0)
        let large = Message(payloads: [MessagePayload(storage: pattern(100_000, seed: 5))])
        // Nobody has joined as rank 1: the ring fills up and stays full.
        try first.send(large, to: 1, tag: tag, deadline: Deadline(after: .seconds(1)))
        let error = try #require(throws: TransportError.self) {
            try first.close(deadline: Deadline(after: .milliseconds(50)))
        }
        #expect(error.code == .timeout)
    }
}

@Suite("A rank's place in the environment")
struct RankEnvironmentTests {
    @Test("both variables, none, one or a bad one")
    func variables() throws {
        #expect(try RankEnvironment.current([:]) == nil)
        let place = try RankEnvironment.current([
            "OPENINFRA_RANK": "3", "OPENINFRA_SEGMENT": "/dev/shm/x",
        ])
        #expect(place == RankEnvironment(rank: 3, segmentPath: "/dev/shm/x"))
        for bad in [
            ["OPENINFRA_RANK": "3"], ["OPENINFRA_SEGMENT": "x"],
            ["OPENINFRA_RANK": "-1", "OPENINFRA_SEGMENT": "x"],
            ["OPENINFRA_RANK": "one", "OPENINFRA_SEGMENT": "x"],
        ] {
            let error = try #require(throws: TransportError.self) {
                try RankEnvironment.current(bad)
            }
            #expect(error.code == .invalidArgument)
            #expect(error.message.contains("OPENINFRA_RANK"))
        }
    }
}

@Suite("Groups of processes")
struct ProcessGroupTests {
    @Test("ranks that all succeed make the group succeed")
    func success() async throws {
        try await ProcessGroup.run(rankCount: 3, executable: "/bin/true", arguments: [])
    }

    @Test("each rank gets its own place")
    func places() async throws {
        let folder = NSTemporaryDirectory() + UUID().uuidString
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: folder) }
        try await ProcessGroup.run(
            rankCount: 2,
            executable: "/bin/sh",
            arguments: ["-c", "test -f $OPENINFRA_SEGMENT && touch \(folder)/$OPENINFRA_RANK"]
        )
        #expect(try FileManager.default.contentsOfDirectory(atPath: folder).sorted() == ["0", "1"])
    }

    @Test("a rank that exits with an error, or is killed, is named and the others end")
    func failure() async throws {
        let start = ContinuousClock.now
        let cases = [
            ("exit 7", "exited with code 7"), ("kill -9 $$", "was killed by signal 9 (Killed)"),
        ]
        for (ending, text) in cases {
            let error = try await #require(throws: TransportError.self) {
                try await ProcessGroup.run(
                    rankCount: 2,
                    executable: "/bin/sh",
                    arguments: ["-c", "[ $OPENINFRA_RANK = 0 ] || { \(ending); }"]
                )
            }
            #expect(error.code == .aborted)
            #expect(error.message.hasPrefix("rank 1 (process "))
            #expect(error.message.hasSuffix(text))
        }
        #expect(ContinuousClock.now - start < .seconds(4))
    }

    @Test("a rank that does not end by itself is killed after the grace time")
    func stubborn() async throws {
        let start = ContinuousClock.now
        await #expect(throws: TransportError.self) {
            try await ProcessGroup.run(
                rankCount: 2,
                executable: "/bin/sh",
                arguments: ["-c", "[ $OPENINFRA_RANK = 0 ] && exec sleep 60; exit 1"]
            )
        }
        let elapsed = ContinuousClock.now - start
        #expect(elapsed >= ProcessGroup.graceAfterFailure)
        #expect(elapsed < ProcessGroup.graceAfterFailure + .seconds(5))
    }

    @Test("programs that do not exist and group sizes that cannot be are refused")
    func refusals() async throws {
        let missing = try await #require(throws: TransportError.self) {
            try await ProcessGroup.run(rankCount: 1, executable: "/nonexistent", arguments: [])
        }
        #expect(missing.message.contains("cannot start /nonexistent"))
        for count in [0, 65] {
            let error = try await #require(throws: TransportError.self) {
                try await ProcessGroup.run(rankCount: count, executable: "/bin/true", arguments: [])
            }
            #expect(error.code == .invalidArgument)
            #expect(error.message.contains("ranks is \(count)"))
        }
    }
}
