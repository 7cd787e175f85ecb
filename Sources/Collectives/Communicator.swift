public import InfraCore
public import Transport

/// A group of ranks that exchange tensors, with tags that no other group uses.
///
/// Ranks are numbered within the group from 0, in the order in which the group was listed. All
/// members must make the same calls in the same order. Calls block the thread, as those of
/// `RankTransport` do.
public final class Communicator: Sendable {
    /// The world's connection that carries this group's messages.
    public let transport: any RankTransport
    /// The members as ranks of the world, in the group's order.
    public let worldRanks: [Int]
    /// This rank's number within the group.
    public let rank: Int
    /// How long each single wait may take.
    public let timeout: Duration
    /// The tag space: a hash of the path of names and members that led here.
    let space: UInt64

    /// How many ranks the group has.
    public var rankCount: Int { worldRanks.count }

    /// The default of ``timeout``.
    public static let defaultTimeout = Duration.seconds(60)

    /// The group of all ranks of a transport.
    public init(world transport: any RankTransport, timeout: Duration = defaultTimeout) {
        self.transport = transport
        worldRanks = Array(0..<transport.rankCount)
        rank = transport.rank
        self.timeout = timeout
        space = Self.hash(0xCBF2_9CE4_8422_2325, "world")
    }

    private init(
        transport: any RankTransport,
        worldRanks: [Int],
        rank: Int,
        timeout: Duration,
        space: UInt64
    ) {
        self.transport = transport
        self.worldRanks = worldRanks
        self.rank = rank
        self.timeout = timeout
        self.space = space
    }

    /// A group within this one, such as a pipeline or the replicas of an expert.
    ///
    /// - Parameters:
    ///   - ranks: Members as ranks of this group, in the order that numbers them; this rank must
    ///     be among them.
    ///   - name: What the group is for. Two groups of the same members need two names.
    /// - Returns: This rank's end of the group.
    /// - Throws: ``CollectiveErrorCode/invalidRanks``.
    public func subset(_ ranks: [Int], named name: String) throws(CollectiveError) -> Communicator {
        guard ranks.allSatisfy({ (0..<rankCount).contains($0) }), Set(ranks).count == ranks.count
        else {
            throw CollectiveError(
                .invalidRanks,
                "ranks of group \(name) are \(ranks); they must be distinct and of 0..<\(rankCount)"
            )
        }
        guard let position = ranks.firstIndex(of: rank) else {
            throw CollectiveError(
                .invalidRanks,
                "rank \(rank) is not a member of group \(name), \(ranks); only members may join"
            )
        }
        let path = Self.hash(Self.hash(space, name), "\(ranks)")
        return Communicator(
            transport: transport,
            worldRanks: ranks.map { worldRanks[$0] },
            rank: position,
            timeout: timeout,
            space: path
        )
    }

    /// FNV-1a, 64 bits: stable between processes, unlike Swift's seeded hashes.
    private static func hash(_ start: UInt64, _ text: String) -> UInt64 {
        text.utf8.reduce(start) { ($0 ^ UInt64($1)) &* 0x100_0000_01B3 }
    }
}
