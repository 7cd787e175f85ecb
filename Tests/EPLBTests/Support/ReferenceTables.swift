import EPLB
import Foundation

/// What the reference answers, as scripts/make-eplb-fixtures.py recorded it.
enum ReferenceTables {
    struct Sorts: Decodable {
        struct Generated: Decodable {
            var kind: SortKind
            var count: Int
            var seed: UInt64
            var crc32: UInt32
        }
        struct Adversarial: Decodable {
            var values: [Float]
            var order: [Int]
        }
        var generated: [Generated]
        var adversarial: [Adversarial]
    }

    struct Plans: Decodable {
        var full: [Plan]
        var hashed: [Plan]
    }

    struct Plan: Decodable, CustomStringConvertible {
        var replicas, groups, nodes, gpus, experts, layers: Int
        var kind: LoadKind
        var seed: UInt64
        var crc32: UInt32
        var phy2log: [[Int]]?
        var log2phy: [[[Int]]]?
        var logcnt: [[Int]]?

        var description: String {
            "\(layers) layers, \(experts) experts to \(replicas) slots, \(groups) groups, "
                + "\(nodes) nodes, \(gpus) GPUs, \(kind) loads, seed \(seed)"
        }

        func place() throws -> ExpertPlacement {
            try ExpertLoadBalancer.rebalance(
                kind.loads(seed: seed, layers: layers, experts: experts),
                shape: PlacementShape(replicas: replicas, groups: groups, nodes: nodes, gpus: gpus)
            )
        }
    }

    static func read<Table: Decodable>(_ name: String, as type: Table.Type) throws -> Table {
        let url = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .appending(path: "Fixtures").appending(path: name)
        return try JSONDecoder().decode(type, from: Data(contentsOf: url))
    }
}

extension ExpertPlacement {
    /// The checksum that the fixtures hold.
    var crc32: UInt32 {
        EPLBTests.crc32(
            [phy2log.flatMap(\.self), log2phy.joined().flatMap(\.self), logcnt.flatMap(\.self)]
                .joined()
        )
    }
}

/// The checksum of zlib, of numbers as little-endian 32-bit integers.
func crc32(_ values: some Sequence<Int>) -> UInt32 {
    var table = [UInt32](0..<256)
    for index in table.indices {
        for _ in 0..<8 {
            table[index] = (table[index] >> 1) ^ (table[index] & 1 == 1 ? 0xEDB8_8320 : 0)
        }
    }
    var remainder: UInt32 = ~0
    for value in values {
        let bits = UInt32(bitPattern: Int32(value))
        for shift in [UInt32(0), 8, 16, 24] {
            remainder = table[Int((remainder ^ (bits >> shift)) & 0xFF)] ^ (remainder >> 8)
        }
    }
    return ~remainder
}
