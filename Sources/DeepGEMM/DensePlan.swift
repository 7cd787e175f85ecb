/// Which kernel runs a dense product.
public enum DensePlan: Sendable, Hashable, CustomStringConvertible {
    /// The tiled kernel.
    case tiled(TileConfiguration)
    /// The kernel for few rows.
    case swapped(SwappedConfiguration)

    /// The configuration.
    public var description: String {
        switch self {
        case .tiled(let configuration): configuration.description
        case .swapped(let configuration): configuration.description
        }
    }
}

/// The choice of kernels: pure functions of shapes, seeded by measurements on an H200 (see
/// `docs/notes/deepgemm.md`).
public enum GEMMHeuristics {
    /// A configuration with what it costs.
    struct Candidate {
        var configuration: TileConfiguration
        /// Microseconds that one tile takes for 128 of K.
        var blockMicroseconds: Double
        /// Microseconds that a tile takes beyond that: its start and its stores.
        var tileMicroseconds: Double
    }

    static let large: [Candidate] = [
        Candidate(
            configuration: TileConfiguration(blockN: 256, waves: 2, clusterM: 2),
            blockMicroseconds: 0.778,
            tileMicroseconds: 1.6
        ),
        Candidate(
            configuration: TileConfiguration(blockN: 128, warpgroups: 3, clusterM: 2),
            blockMicroseconds: 0.559,
            tileMicroseconds: 0.85
        ),
        Candidate(
            configuration: TileConfiguration(blockN: 192),
            blockMicroseconds: 0.605,
            tileMicroseconds: 0.9
        ),
        Candidate(
            configuration: TileConfiguration(blockN: 176),
            blockMicroseconds: 0.600,
            tileMicroseconds: 0.9
        ),
        Candidate(
            configuration: TileConfiguration(blockN: 144),
            blockMicroseconds: 0.4975,
            tileMicroseconds: 0.7
        ),
        Candidate(
            configuration: TileConfiguration(blockN: 128, sets: 2, clusterM: 2),
            blockMicroseconds: 0.393,
            tileMicroseconds: 0.3
        ),
    ]

    /// Without a cluster the 128 x 128 tile is bound by the L2 cache once K is long.
    static let shortK = Candidate(
        configuration: TileConfiguration(blockN: 128, sets: 2),
        blockMicroseconds: 0.39,
        tileMicroseconds: 0.2
    )

    /// The kernel for a dense product with a bfloat16 result.
    ///
    /// - Parameters:
    ///   - shape: The sizes; none is zero.
    ///   - multiprocessorCount: Multiprocessors that may be used.
    /// - Returns: The kernel expected to be fastest.
    public static func dense(_ shape: GEMMShape, multiprocessorCount: Int) -> DensePlan {
        if shape.m > 128 {
            let candidates = large + (shape.blocksOfK <= 16 ? [shortK] : [])
            let best = candidates.min {
                cost($0, shape, multiprocessorCount) < cost($1, shape, multiprocessorCount)
            }
            return .tiled((best ?? shortK).configuration)
        }
        // Few rows: the time is that of reading B, so every multiprocessor must read. Wide tiles
        // read A less often; they are taken while they still fill the chip.
        let warpgroups = shape.m > 64 ? 2 : 1
        let widths = warpgroups == 1 ? [128, 64, 32, 16] : [128, 64, 32]
        let filled = widths.map { width in
            (width: width, share: occupancy(shape.n, width, multiprocessorCount))
        }
        if let widest = filled.first(where: { $0.share >= 0.8 }) {
            return .tiled(
                TileConfiguration(blockN: widest.width, warpgroups: warpgroups, sets: 2)
            )
        }
        let best = filled.max { $0.share < $1.share }
        if let best, best.share > 0.4 {
            return .tiled(TileConfiguration(blockN: best.width, warpgroups: warpgroups, sets: 2))
        }
        // N is short: only splitting K fills the chip.
        let tiles = (shape.n + 63) / 64 * ((shape.m + 63) / 64)
        var split = 1
        while split < 8, tiles * split * 2 <= multiprocessorCount, split * 2 <= shape.blocksOfK {
            split *= 2
        }
        return .swapped(SwappedConfiguration(split: split))
    }

    /// The kernel for a grouped product.
    ///
    /// - Parameters:
    ///   - grouping: How rows belong to matrices; not ``RowGrouping/dense``.
    ///   - expectedRows: Rows of a group, about: decides the tile, not the result.
    ///   - shape: N and K of one group's product.
    /// - Returns: The tiled kernel's configuration.
    public static func grouped(
        _ grouping: RowGrouping,
        expectedRows: Int,
        shape: GEMMShape
    ) -> TileConfiguration {
        switch grouping {
        case .masked where expectedRows <= 64:
            TileConfiguration(blockN: 128, warpgroups: 1, sets: 2, grouping: grouping)
        case .masked where expectedRows < 512 || shape.k <= 4096:
            TileConfiguration(blockN: 128, sets: 2, grouping: grouping)
        case .masked:
            TileConfiguration(blockN: 192, grouping: grouping)
        case .contiguous, .prefix, .dense:
            TileConfiguration(blockN: 256, waves: 2, clusterN: 2, grouping: grouping)
        }
    }

    /// The share of the multiprocessors that work, over all waves of tiles.
    static func occupancy(_ n: Int, _ width: Int, _ multiprocessorCount: Int) -> Double {
        let tiles = (n + width - 1) / width
        let waves = (tiles + multiprocessorCount - 1) / multiprocessorCount
        return Double(tiles) / Double(max(1, waves * multiprocessorCount))
    }

    /// Microseconds that a product takes, by the model: waves of tiles, each of its blocks of K.
    static func cost(
        _ candidate: Candidate,
        _ shape: GEMMShape,
        _ multiprocessorCount: Int
    ) -> Double {
        let configuration = candidate.configuration
        let rows = configuration.blockM * configuration.clusterM
        let columns = configuration.blockN * configuration.clusterN
        let clusters = ((shape.m + rows - 1) / rows) * ((shape.n + columns - 1) / columns)
        let slots = max(1, multiprocessorCount / configuration.clusterSize)
        let waves = (clusters + slots - 1) / slots
        return Double(waves)
            * (Double(shape.blocksOfK) * candidate.blockMicroseconds + candidate.tileMicroseconds)
    }
}
