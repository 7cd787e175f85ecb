import Foundation
import InfraCore
import Synchronization
import Testing
import Transport

/// The two ways in which the same tests reach their ranks.
enum TestGroup: String, CaseIterable, CustomTestStringConvertible {
    case threads = "in process"
    case sharedMemory = "shared memory"

    var testDescription: String { rawValue }

    /// Runs `body` on each rank's own thread; shared-memory ranks are separate mappings of one
    /// segment, as separate processes have them.
    func run<Result: Sendable>(
        _ rankCount: Int,
        limits: TransportLimits = TransportLimits(),
        ringByteCount: Int = 4096,
        _ body: @escaping @Sendable (any RankTransport) throws -> Result
    ) throws -> [Result] {
        switch self {
        case .threads:
            return try RankGroup.run(rankCount: rankCount, limits: limits) { try body($0) }
        case .sharedMemory:
            let segment = try SegmentOwner(rankCount: rankCount, ringByteCount: ringByteCount)
            // Kept before the others are told, whose errors may reach the group first.
            let first = FirstError()
            let outcome = Swift.Result {
                try RankGroup.run(rankCount: rankCount) { thread in
                    let transport = try SharedMemoryTransport(
                        joining: segment.path,
                        rank: thread.rank,
                        limits: limits
                    )
                    do {
                        let result = try body(transport)
                        try transport.close(deadline: Deadline(after: .seconds(10)))
                        return result
                    } catch {
                        first.keep(error)
                        transport.abort("\(error)")
                        transport.vanish()
                        throw error
                    }
                }
            }
            if let error = first.error { throw error }
            return try outcome.get()
        }
    }
}

/// Bytes with a pattern that shows where they came from.
func patternBytes(_ count: Int, seed: Int) -> [UInt8] {
    (0..<count).map { UInt8(truncatingIfNeeded: $0 &* 31 &+ seed) }
}

/// The same bytes as a block that can be sent.
func pattern(_ count: Int, seed: Int) -> AlignedBytes {
    let block = AlignedBytes(byteCount: count)
    patternBytes(count, seed: seed).withUnsafeBytes { source in
        if let start = source.baseAddress { block.base.copyMemory(from: start, byteCount: count) }
    }
    return block
}

/// Whether a payload of a message holds the pattern.
func holds(_ message: Message, _ index: Int, _ count: Int, seed: Int) -> Bool {
    Array(message.payloads[index].bytes) == patternBytes(count, seed: seed)
}

/// The error that came first.
final class FirstError: Sendable {
    private let state = Mutex<(any Error)?>(nil)
    var error: (any Error)? { state.withLock(\.self) }
    func keep(_ error: any Error) { state.withLock { $0 = $0 ?? error } }
}
