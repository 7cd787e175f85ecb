import Collectives
import InfraCore
import Tensors
import Testing
import Transport

@Suite("Collectives")
struct CollectiveTests {
    /// Runs `body` on a world of threads.
    private func run<Result: Sendable>(
        _ rankCount: Int,
        _ body: @escaping @Sendable (Communicator) throws -> Result
    ) throws -> [Result] {
        try RankGroup.run(rankCount: rankCount) {
            try body(Communicator(world: $0, timeout: .seconds(10)))
        }
    }

    private func random(_ shape: [Int], seed: Int) -> HostTensor {
        var random = SeededRandom(seed: UInt64(seed))
        return HostTensor((0..<shape.reduce(1, *)).map { _ in random.normal() }, shape: shape)
    }

    @Test("all-reduce adds in the order of the ranks, to the bit", arguments: [1, 2, 3, 5, 8])
    func allReduce(_ ranks: Int) throws {
        // Scalars, empty, smaller than the ranks, and both sides of the direct-sum limit.
        let shapes = [[], [0], [3], [7, 11], [201, 333]]
        let results = try run(ranks) { world in
            try shapes.map { shape in
                try world.allReduceSum([
                    random(shape, seed: world.rank), random([5], seed: 90 + world.rank),
                ])
            }
        }
        for (index, shape) in shapes.enumerated() {
            var expected = random(shape, seed: 0).elements(of: Float.self)
            for rank in 1..<max(ranks, 1) {
                let other = random(shape, seed: rank).elements(of: Float.self)
                for position in expected.indices { expected[position] += other[position] }
            }
            for result in results {
                #expect(result[index][0].shape == shape)
                #expect(result[index][0].elements(of: Float.self) == expected)
                #expect(result[index][1].shape == [5])
            }
        }
    }

    @Test("16-bit floats are accumulated in fp32 and rounded once; integers wrap")
    func dtypes() throws {
        // 1 + 2^-8 + 2^-8: each step alone would round to 1 in bf16, the exact sum does not.
        let parts: [Float] = [1, 0x1p-8, 0x1p-8]
        let results = try run(3) { world -> [HostTensor] in
            let value = parts[world.rank]
            return try world.allReduceSum([
                try HostTensor(
                    storage: AlignedBytes(UInt16(value.bitPattern >> 16)),
                    shape: [1],
                    dtype: .bfloat16
                ),
                HostTensor([Float16(world.rank == 0 ? 2048 : 0.75)]),
                HostTensor([Int32.max, Int32(world.rank)]),
                HostTensor([Int64(1) << 40]),
            ])
        }
        for result in results {
            result[0].withUnsafeBytes {
                #expect($0.load(as: UInt16.self) == UInt16(Float(1 + 0x1p-7).bitPattern >> 16))
            }
            // 2048 + 0.75 + 0.75 = 2049.5 lies between 2048 and 2050.
            #expect(result[1].elements(of: Float16.self) == [2050])
            #expect(result[2].elements(of: Int32.self) == [Int32.max &+ Int32.max &+ Int32.max, 3])
            #expect(result[3].elements(of: Int64.self) == [3 << 40])
        }
        let error = try #require(throws: CollectiveError.self) {
            _ = try run(2) { try $0.allReduceSum([HostTensor([UInt8(1)])]) }
        }
        #expect(error.code == .dtypeMismatch && error.message.contains("U8"))
    }

    @Test("views are summed by value, and no rank's own tensor changes")
    func views() throws {
        let results = try run(2) { world -> ([Float], [Float]) in
            let own = HostTensor((0..<6).map { Float($0 * (world.rank + 1)) }, shape: [2, 3])
            let sum = try world.allReduceSum([own.transposed()])[0]
            return (sum.elements(of: Float.self), own.elements(of: Float.self))
        }
        for (rank, result) in results.enumerated() {
            #expect(result.0 == [0, 9, 3, 12, 6, 15])
            #expect(result.1 == (0..<6).map { Float($0 * (rank + 1)) })
        }
    }

    @Test("ranks that sum different things are told so")
    func mismatch() throws {
        for shapes in [[[4], [5]], [[100, 100], [100, 101]]] {
            let error = try #require(throws: CollectiveError.self) {
                _ = try run(2) { try $0.allReduceSum([HostTensor(zeros: shapes[$0.rank])]) }
            }
            #expect(error.code == .shapeMismatch)
            #expect(error.message.contains("all must be alike"))
        }
    }

    @Test("reduce-scatter gives each rank its rows of the sum", arguments: [1, 2, 4])
    func reduceScatter(_ ranks: Int) throws {
        let results = try run(ranks) { world in
            try world.reduceScatterSum(random([ranks * 3, 2], seed: world.rank))
        }
        let whole = try run(ranks) { try $0.allReduceSum([random([ranks * 3, 2], seed: $0.rank)]) }
        for (rank, result) in results.enumerated() {
            let expected = try whole[0][0].slice(axis: 0, from: rank * 3, count: 3)
            #expect(result.shape == [3, 2])
            #expect(result.elements(of: Float.self) == expected.elements(of: Float.self))
        }
        for shape in [[], [5, 2]] {
            let error = try #require(throws: CollectiveError.self) {
                _ = try run(2) { try $0.reduceScatterSum(HostTensor(zeros: shape)) }
            }
            #expect(error.code == .shapeMismatch)
        }
    }

    @Test("broadcast, all-gather and all-to-all move lists of any shapes, absent ones too")
    func movement() throws {
        let results = try run(3) { world -> [[[HostTensor?]]] in
            let own: [HostTensor?] = [
                HostTensor(Array(repeating: Float(world.rank), count: world.rank)), nil,
            ]
            let lists = (0..<3).map { destination -> [HostTensor?] in
                [HostTensor([Int32(10 * world.rank + destination)])]
                    + Array(repeating: nil, count: destination)
            }
            return [
                [try world.broadcast(own, from: 1)], try world.allGather(own),
                try world.allToAll(lists),
            ]
        }
        for (rank, result) in results.enumerated() {
            #expect(result[0][0].map { $0?.elements(of: Float.self) } == [[1], nil])
            #expect(result[1].map { $0[0]?.shape } == [[0], [1], [2]])
            #expect(result[1].allSatisfy { $0.count == 2 && $0[1] == nil })
            for source in 0..<3 {
                let list = result[2][source]
                #expect(list.count == 1 + rank)
                #expect(list[0]?.elements(of: Int32.self) == [Int32(10 * source + rank)])
            }
        }
    }

    @Test("rows go to the ranks they belong to, also none at all")
    func rows() throws {
        // counts[s][d]: how many rows rank s sends to rank d.
        let counts = [[2, 0, 1], [0, 0, 0], [1, 3, 2]]
        let results = try run(3) { world in
            let own = counts[world.rank]
            let total = own.reduce(0, +)
            let values = (0..<total * 2).map { Float(100 * world.rank + $0) }
            return try world.allToAll(rows: HostTensor(values, shape: [total, 2]), counts: own)
        }
        #expect(results[0].counts == [2, 0, 1] && results[1].counts == [0, 0, 3])
        #expect(results[0].rows.elements(of: Float.self) == [0, 1, 2, 3, 200, 201])
        #expect(results[1].rows.elements(of: Float.self) == [202, 203, 204, 205, 206, 207])
        #expect(results[2].rows.elements(of: Float.self) == [4, 5, 208, 209, 210, 211])
        for counts in [[1], [1, 1], [-1, 4]] {
            let error = try #require(throws: CollectiveError.self) {
                _ = try run(2) { try $0.allToAll(rows: HostTensor(zeros: [3, 2]), counts: counts) }
            }
            #expect(error.code == .shapeMismatch)
        }
        #expect(throws: CollectiveError.self) {
            _ = try run(2) {
                try $0.allToAll(rows: HostTensor(zeros: [2, 2 + $0.rank]), counts: [1, 1])
            }
        }
        #expect(throws: CollectiveError.self) { _ = try run(2) { try $0.allToAll([[]]) } }
    }

    @Test("nobody leaves a barrier before everybody has come", arguments: [1, 2, 3, 7])
    func barrier(_ ranks: Int) throws {
        let arrived = Counter()
        try _ = run(ranks) { world in
            for round in 1...20 {
                arrived.increment()
                try world.barrier()
                #expect(arrived.value >= ranks * round)
                try world.barrier()
            }
        }
    }

    @Test("pipeline, data-parallel and expert groups of one world never mix")
    func subsets() throws {
        // Ranks 0...3 as 2 pipelines x 2 replicas: same streams, same peers, several groups.
        let results = try run(4) { world -> [[Float]] in
            let row = world.rank / 2
            let column = world.rank % 2
            let pipeline = try world.subset([row * 2, row * 2 + 1], named: "pipeline")
            let replicas = try world.subset([column, column + 2], named: "replicas")
            let experts = try world.subset([row * 2, row * 2 + 1], named: "experts")
            #expect(pipeline.rank == column && replicas.rank == row)
            let peer = 1 - column
            try pipeline.send([HostTensor([Float(1)])], to: peer, stream: 5)
            try experts.send([HostTensor([Float(2)])], to: peer, stream: 5)
            try world.send([HostTensor([Float(3)])], to: world.rank ^ 1, stream: 5)
            let sum = try replicas.allReduceSum([HostTensor([Float(10 + world.rank)])])[0]
            // Asked for in another order than sent.
            let third = try world.receive(from: world.rank ^ 1, stream: 5)
            let second = try experts.receive(from: peer, stream: 5)
            let first = try pipeline.receive(from: peer, stream: 5)
            return ([first, second, third].map { $0[0]?.elements(of: Float.self) ?? [] })
                + [sum.elements(of: Float.self)]
        }
        for (rank, result) in results.enumerated() {
            #expect(result == [[1], [2], [3], [Float(2 * (10 + rank % 2) + 2)]])
        }
    }

    @Test("a reordered subset numbers its members as listed")
    func reordered() throws {
        let ranks = try run(3) { world -> Int in
            let group = try world.subset([2, 0, 1], named: "turned")
            let sum = try group.allGather([HostTensor([Int32(world.rank)])])
            #expect(sum.map { $0[0]?.elements(of: Int32.self) } == [[2], [0], [1]])
            return group.rank
        }
        #expect(ranks == [1, 2, 0])
    }

    @Test("subsets that repeat a rank, leave the group or lack this rank are refused; so are peers")
    func refusals() throws {
        try _ = run(2) { world in
            let others = [1 - world.rank]
            for ranks in [[0, 0, 1], [0, 1, 2], [-1, 0, 1], others, []] {
                let error = try #require(throws: CollectiveError.self) {
                    try world.subset(ranks, named: "bad")
                }
                #expect(error.code == .invalidRanks)
            }
            #expect(throws: CollectiveError.self) { try world.send([], to: 2, stream: 0) }
            #expect(throws: CollectiveError.self) { try world.receive(from: -1, stream: 0) }
            #expect(throws: CollectiveError.self) { try world.broadcast([], from: 2) }
        }
    }

    @Test("a tensor sent within a process shares memory, and later writes stay private")
    func zeroCopy() throws {
        let results = try run(2) { world -> (UInt, [Float]) in
            var tensor = HostTensor([Float(1), 2])
            func address(_ tensor: HostTensor) -> UInt {
                tensor.withUnsafeBytes { UInt(bitPattern: $0.baseAddress) }
            }
            if world.rank == 0 {
                let before = address(tensor)
                try world.send([tensor], to: 1, stream: 0)
                tensor.withUnsafeMutableElements(of: Float.self) { $0[0] = 9 }
                try world.barrier()
                return (before, tensor.elements(of: Float.self))
            }
            try world.barrier()
            let received = try #require(try world.receive(from: 0, stream: 0)[0])
            return (address(received), received.elements(of: Float.self))
        }
        #expect(results[0].0 == results[1].0)
        #expect(results[0].1 == [9, 2] && results[1].1 == [1, 2])
    }

    @Test("messages that are no lists of tensors are refused")
    func malformed() throws {
        let headers: [[UInt8]] = [
            [], [1, 0, 0, 0], [1, 0, 0, 0, 99], [1, 0, 0, 0, 1, 1, 4],
            [1, 0, 0, 0, 1, 1, 4, 0, 0, 0, 0, 0, 0, 0],
        ]
        try _ = RankGroup.run(rankCount: 1) { transport in
            let probe = TagProbe(transport)
            let world = Communicator(world: probe)
            for header in headers {
                probe.replacement = Message(header: header)
                let error = try #require(throws: CollectiveError.self) {
                    try world.receive(from: 0, stream: 0)
                }
                #expect(error.code == .malformedMessage)
            }
        }
    }
}
