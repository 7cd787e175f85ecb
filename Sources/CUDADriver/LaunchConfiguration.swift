/// How many blocks and threads a kernel runs with, and how it starts.
public struct LaunchConfiguration: Sendable, Hashable {
    /// Blocks of the grid.
    public var grid: Dimensions
    /// Threads of a block.
    public var block: Dimensions
    /// Blocks of a cluster, which share their shared memory; each axis must divide the grid's.
    public var cluster: Dimensions
    /// Dynamic shared memory of a block. Above 48 KiB the launch asks the driver for it.
    public var sharedMemoryByteCount: Int
    /// Whether the kernel may start before the one ahead of it in the stream has ended
    /// (programmatic dependent launch). The kernel must then execute `griddepcontrol.wait` before
    /// it touches what the other one writes.
    public var startsBeforePredecessorEnds: Bool
    /// Whether all blocks must run at the same time, so that they may wait for each other.
    public var isCooperative: Bool

    /// Describes a launch.
    ///
    /// - Parameters:
    ///   - grid: Blocks of the grid.
    ///   - block: Threads of a block.
    ///   - cluster: Blocks of a cluster.
    ///   - sharedMemoryByteCount: Dynamic shared memory of a block.
    ///   - startsBeforePredecessorEnds: Whether programmatic dependent launch is used.
    ///   - isCooperative: Whether all blocks must run at the same time.
    public init(
        grid: Dimensions,
        block: Dimensions,
        cluster: Dimensions = Dimensions(1),
        sharedMemoryByteCount: Int = 0,
        startsBeforePredecessorEnds: Bool = false,
        isCooperative: Bool = false
    ) {
        self.grid = grid
        self.block = block
        self.cluster = cluster
        self.sharedMemoryByteCount = sharedMemoryByteCount
        self.startsBeforePredecessorEnds = startsBeforePredecessorEnds
        self.isCooperative = isCooperative
    }
}

/// Extents along up to three axes.
public struct Dimensions: Sendable, Hashable, CustomStringConvertible {
    /// Along the fastest axis.
    public var x: Int
    /// Along the second axis.
    public var y: Int
    /// Along the third axis.
    public var z: Int

    /// Extents; axes that are not given have length 1.
    public init(_ x: Int, _ y: Int = 1, _ z: Int = 1) {
        self.x = x
        self.y = y
        self.z = z
    }

    /// The product of the extents.
    public var count: Int { x * y * z }

    /// `x x y x z`, as error messages show it.
    public var description: String { "\(x)x\(y)x\(z)" }
}
