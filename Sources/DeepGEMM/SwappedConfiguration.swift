/// What shapes the code of the few-rows FP8 kernel (`sm90_fp8_gemm_swap_ab.cu`).
public struct SwappedConfiguration: Sendable, Hashable, CustomStringConvertible {
    /// Rows of B of a tile: 64 or 128.
    public var blockN: Int
    /// Rows of A of a tile: a multiple of 8 up to 64.
    public var blockM: Int
    /// Blocks of a cluster that share K: 1, 2, 4 or 8.
    public var split: Int
    /// Blocks meant to share a multiprocessor.
    public var resident: Int

    /// Describes a kernel.
    ///
    /// - Parameters:
    ///   - blockN: Rows of B of a tile.
    ///   - blockM: Rows of A of a tile.
    ///   - split: Blocks that share K.
    ///   - resident: Blocks meant to share a multiprocessor.
    public init(blockN: Int = 64, blockM: Int = 64, split: Int, resident: Int = 2) {
        self.blockN = blockN
        self.blockM = blockM
        self.split = split
        self.resident = resident
    }

    /// Threads of a block: math warpgroups and the producer's warp.
    public var threads: Int { blockN / 64 * 128 + 32 }

    private var stageByteCount: Int { (blockN + blockM) * 128 + (blockM * 4 + 127) / 128 * 128 }

    /// Depth of the ring, at most 10.
    public var stages: Int {
        // A multiprocessor has 228 KiB; each block costs 1 KiB beyond what it asks for.
        min(10, ((228 * 1024) / resident - 1024 - 256) / stageByteCount)
    }

    /// Shared memory of a block: the ring, later the partial sums, and the barriers.
    public var sharedByteCount: Int {
        max(stages * stageByteCount, blockM * (blockN + 4) * 4) + 16 * stages
    }

    /// The kernel's preprocessor definitions.
    var definitions: [String] {
        [
            "OI_BLOCK_N=\(blockN)", "OI_BLOCK_M=\(blockM)", "OI_STAGES=\(stages)",
            "OI_SPLIT=\(split)", "OI_RESIDENT=\(resident)",
        ]
    }

    /// Such as `swapped 64x64x6 split 8`.
    public var description: String { "swapped \(blockN)x\(blockM)x\(stages) split \(split)" }
}
