import Tensors

/// What shapes the code of the tiled FP8 kernel (`sm90_fp8_gemm_1d2d.cu`).
public struct TileConfiguration: Sendable, Hashable, CustomStringConvertible {
    /// Shared memory of a block on Hopper, in bytes.
    static let sharedByteLimit = 232_448

    /// Columns of a tile: a multiple of 16; at most 192 a slice.
    public var blockN: Int
    /// Math warpgroups, 64 rows of the tile each: 1 to 3.
    public var warpgroups: Int
    /// Column slices that a warpgroup multiplies one after the other: 1 or 2.
    public var waves: Int
    /// Sets of partial sums: 2 promote one while the next is being multiplied.
    public var sets: Int
    /// Blocks of a cluster along M: 2 share B's tile.
    public var clusterM: Int
    /// Blocks of a cluster along N: 2 share A's tile.
    public var clusterN: Int
    /// Height of the bands in which tiles are visited, in cluster tiles.
    public var band: Int
    /// How rows belong to matrices.
    public var grouping: RowGrouping
    /// D's element type.
    public var output: GEMMOutput

    /// Describes a kernel.
    ///
    /// - Parameters:
    ///   - blockN: Columns of a tile.
    ///   - warpgroups: Math warpgroups.
    ///   - waves: Column slices.
    ///   - sets: Sets of partial sums.
    ///   - clusterM: Blocks of a cluster along M.
    ///   - clusterN: Blocks of a cluster along N.
    ///   - grouping: How rows belong to matrices.
    ///   - output: D's element type.
    public init(
        blockN: Int,
        warpgroups: Int = 2,
        waves: Int = 1,
        sets: Int = 1,
        clusterM: Int = 1,
        clusterN: Int = 1,
        grouping: RowGrouping = .dense,
        output: GEMMOutput = .bfloat16
    ) {
        self.blockN = blockN
        self.warpgroups = warpgroups
        self.waves = waves
        self.sets = sets
        self.clusterM = clusterM
        self.clusterN = clusterN
        self.band = clusterM * clusterN > 1 ? 8 : 16
        self.grouping = grouping
        self.output = output
    }

    /// Rows of a tile.
    public var blockM: Int { warpgroups * 64 }
    /// Blocks of a cluster.
    public var clusterSize: Int { clusterM * clusterN }
    /// Threads of a block: the math warpgroups and the producer's.
    public var threads: Int { warpgroups * 128 + 128 }

    /// Buffers of 64 rows by 128 bytes in which a warpgroup stages its results.
    var chunks: Int { blockN % 64 == 0 ? blockN * output.dtype.byteCount / 128 : 1 }

    private var stagingByteCount: Int {
        let each = blockN % 64 == 0 ? min(chunks, 4) * 8192 : 64 * blockN * 2
        return (warpgroups * each + 127) / 128 * 128
    }

    private var stageByteCount: Int { (blockM + blockN) * 128 + blockM * 4 + 16 }

    /// Depth of the ring: what shared memory allows, at most 12.
    public var stages: Int {
        min(12, (Self.sharedByteLimit - stagingByteCount) / stageByteCount)
    }

    /// Shared memory of a block.
    public var sharedByteCount: Int { stages * stageByteCount + stagingByteCount }

    /// The kernel's preprocessor definitions.
    var definitions: [String] {
        [
            "OI_BLOCK_N=\(blockN)", "OI_WAVES=\(waves)", "OI_SETS=\(sets)", "OI_STAGES=\(stages)",
            "OI_CLUSTER_M=\(clusterM)", "OI_CLUSTER_N=\(clusterN)",
            "OI_GROUPING=\(grouping.rawValue)", "OI_OUTPUT=\(output.rawValue)",
            "OI_BAND=\(band)", "OI_WARPGROUPS=\(warpgroups)", "OI_CHUNKS=\(min(chunks, 4))",
        ]
    }

    /// Such as `128x256x3 waves 2 sets 1 cluster 2x1 dense bfloat16`.
    public var description: String {
        "\(blockM)x\(blockN)x\(stages) waves \(waves) sets \(sets) cluster \(clusterM)x\(clusterN) "
            + "\(grouping) \(output)"
    }
}
