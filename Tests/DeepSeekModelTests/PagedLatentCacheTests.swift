import DeepSeekModel
import InfraCore
import Tensors
import Testing

@Suite("The paged latent cache")
struct PagedLatentCacheTests {
    @Test("sequences take whole pages and give them back")
    func pages() throws {
        var cache = try PagedLatentCache(layerCount: 1, rowWidth: 3, pageCount: 4)
        let first = cache.addSequence()
        let second = cache.addSequence()
        try cache.extend([(first, 64), (second, 1)])
        #expect(cache.pages(of: first) == [0])
        #expect(cache.pages(of: second) == [1])
        try cache.extend([(first, 1)])
        #expect(cache.pages(of: first) == [0, 2])
        #expect(cache.freePageCount == 1)
        cache.removeSequence(first)
        #expect(cache.freePageCount == 3)
        #expect(cache.length(of: first) == 0)
        cache.removeSequence(first)
        #expect(cache.freePageCount == 3)
    }

    @Test("a request that does not fit changes nothing and says what is free")
    func exhausted() throws {
        var cache = try PagedLatentCache(layerCount: 1, rowWidth: 3, pageCount: 3)
        let first = cache.addSequence()
        let second = cache.addSequence()
        try cache.extend([(first, 10)])
        let error = #expect(throws: ModelError.self) {
            try cache.extend([(first, 60), (second, 65)])
        }
        #expect(error?.code == .cacheExhausted)
        #expect(error?.message.contains("2 free pages of 3, but 3 are needed") == true)
        #expect(cache.length(of: first) == 10)
        #expect(cache.freePageCount == 2)
    }

    @Test("a shortened sequence frees the pages it no longer needs")
    func truncate() throws {
        var cache = try PagedLatentCache(layerCount: 1, rowWidth: 3, pageCount: 4)
        let sequence = cache.addSequence()
        try cache.extend([(sequence, 200)])
        try cache.truncate(sequence, to: 64)
        #expect(cache.pages(of: sequence).count == 1)
        #expect(cache.freePageCount == 3)
        try cache.truncate(sequence, to: 0)
        #expect(cache.freePageCount == 4)
        #expect(throws: ModelError.self) { try cache.truncate(sequence, to: 1) }
        #expect(throws: ModelError.self) { try cache.truncate(sequence, to: -1) }
    }

    @Test("rows are found again in the order of their tokens, over page borders")
    func rows() throws {
        var cache = try PagedLatentCache(layerCount: 2, rowWidth: 2, pageCount: 4)
        let other = cache.addSequence()
        let sequence = cache.addSequence()
        try cache.extend([(sequence, 60), (other, 1)])
        try cache.extend([(sequence, 70)])
        let values = (0..<260).map { Float($0) }
        let rows = HostTensor(values, shape: [130, 2])
        cache.write(
            try rows.slice(axis: 0, from: 0, count: 60),
            layer: 1,
            sequence: sequence,
            from: 0
        )
        cache.write(
            try rows.slice(axis: 0, from: 60, count: 70),
            layer: 1,
            sequence: sequence,
            from: 60
        )
        let context = LatentContext(
            pages: cache.layer(1),
            pageTables: [cache.pages(of: sequence)],
            lengths: [130],
            queryCounts: [1]
        )
        #expect(context.rows(ofSequence: 0).elements(of: Float.self) == values)
        #expect(cache.layer(0).elements(of: Float.self).allSatisfy { $0 == 0 })
    }

    @Test(
        "sizes below one are refused by name",
        arguments: [
            ("layerCount", 0, 1, 1), ("rowWidth", 1, -2, 1), ("pageCount", 1, 1, 0),
        ]
    )
    func sizes(name: String, layers: Int, width: Int, pages: Int) throws {
        do {
            _ = try PagedLatentCache(layerCount: layers, rowWidth: width, pageCount: pages)
            Issue.record("accepted")
        } catch {
            #expect(error.code == .invalidArgument)
            #expect(error.message.hasPrefix(name))
        }
    }
}
