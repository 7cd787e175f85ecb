import DeepGEMM
import KernelJIT
import Testing

@Suite("Choice of kernels")
struct HeuristicsTests {
    static let shapes = [
        (2112, 7168), (576, 7168), (24576, 1536), (32768, 512), (7168, 16384), (4096, 7168),
        (7168, 2048),
    ].flatMap { size in
        [1, 3, 64, 65, 128, 129, 4096, 4097].map { GEMMShape(m: $0, n: size.0, k: size.1) }
    }

    @Test("Every choice fits a Hopper block", arguments: shapes)
    func fits(shape: GEMMShape) {
        switch GEMMHeuristics.dense(shape, multiprocessorCount: 132) {
        case .tiled(let tile):
            #expect(tile.sharedByteCount <= 232_448)
            #expect(tile.stages >= 3)
            #expect(tile.blockN / tile.waves <= 192)
        case .swapped(let swapped):
            #expect(swapped.sharedByteCount <= 232_448 / swapped.resident)
            #expect(swapped.stages >= 3)
            #expect(swapped.split <= shape.blocksOfK)
        }
    }

    @Test("Accumulators leave room for two sets of 64-row sums", arguments: shapes)
    func registers(shape: GEMMShape) {
        guard case .tiled(let tile) = GEMMHeuristics.dense(shape, multiprocessorCount: 132) else {
            return
        }
        let sums = tile.blockN / 2 + tile.sets * (tile.blockN / tile.waves / 2)
        #expect(sums <= (tile.warpgroups == 3 ? 128 : 192))
    }

    @Test(
        "The kernels measured to be fastest at M = 4096 are chosen",
        arguments: [
            (2112, 7168, 192, 128), (576, 7168, 128, 144), (7168, 16384, 128, 256),
            (7168, 2048, 128, 128), (4096, 7168, 128, 128),
        ]
    )
    func largeRows(n: Int, k: Int, blockM: Int, blockN: Int) {
        let plan = GEMMHeuristics.dense(GEMMShape(m: 4096, n: n, k: k), multiprocessorCount: 132)
        guard case .tiled(let tile) = plan else {
            Issue.record("\(plan) is no tiled kernel")
            return
        }
        #expect(tile.blockM == blockM)
        #expect(tile.blockN == blockN)
    }

    @Test(
        "Few rows: tiles narrow until the chip is filled",
        arguments: [
            (64, 4096, 32), (64, 7168, 64), (64, 32768, 128), (128, 7168, 64), (128, 4096, 32),
        ]
    )
    func fewRows(m: Int, n: Int, blockN: Int) {
        let plan = GEMMHeuristics.dense(GEMMShape(m: m, n: n, k: 7168), multiprocessorCount: 132)
        guard case .tiled(let tile) = plan else {
            Issue.record("\(plan) is no tiled kernel")
            return
        }
        #expect(tile.blockN == blockN)
        #expect(tile.warpgroups == (m > 64 ? 2 : 1))
    }

    @Test("Short N with long K is split along K")
    func shortN() {
        let shape = GEMMShape(m: 64, n: 576, k: 7168)
        #expect(
            GEMMHeuristics.dense(shape, multiprocessorCount: 132)
                == .swapped(SwappedConfiguration(split: 8))
        )
        // One block of K cannot be split.
        #expect(
            GEMMHeuristics.dense(GEMMShape(m: 64, n: 576, k: 128), multiprocessorCount: 132)
                == .swapped(SwappedConfiguration(split: 1))
        )
    }

    @Test(
        "Masked groups of few rows take 64-row tiles, larger ones 128",
        arguments: [
            (20, 1), (64, 1), (65, 2), (192, 2), (1024, 2),
        ]
    )
    func masked(expectedRows: Int, warpgroups: Int) {
        let tile = GEMMHeuristics.grouped(
            .masked,
            expectedRows: expectedRows,
            shape: GEMMShape(m: 4096, n: 4096, k: 7168)
        )
        #expect(tile.warpgroups == warpgroups)
        #expect(tile.grouping == .masked)
    }

    @Test("Every kernel has a name of its own, and other architectures have none")
    func names() {
        let variants = DeepGEMMKernels().variants(architecture: "sm_90a")
        #expect(Set(variants.map(\.name)).count == variants.count)
        #expect(variants.allSatisfy { !$0.source.text.isEmpty && $0.source.headers.count == 3 })
        #expect(DeepGEMMKernels().variants(architecture: "sm_100a").isEmpty)
    }

    @Test("Whatever the heuristics choose is compiled ahead", arguments: shapes)
    func compiledAhead(shape: GEMMShape) {
        let names = DeepGEMMKernels().variants(architecture: "sm_90a").map(\.name)
        let plan = GEMMHeuristics.dense(shape, multiprocessorCount: 132)
        #expect(names.contains { $0.hasSuffix("/\(plan)") })
    }
}
