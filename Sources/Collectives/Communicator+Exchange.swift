import InfraCore
public import Tensors

extension Communicator {
    /// Waits until every rank of the group has called.
    ///
    /// Dissemination barrier: in round k each rank tells the one 2^k further, so all know after
    /// about log2 N rounds.
    public func barrier() throws {
        var distance = 1
        while distance < rankCount {
            try send([], to: (rank + distance) % rankCount, stream: CollectiveStream.barrier)
            let source = (rank - distance + rankCount) % rankCount
            _ = try receive(from: source, stream: CollectiveStream.barrier)
            distance *= 2
        }
    }

    /// Gives every rank the tensors of one.
    ///
    /// - Parameters:
    ///   - tensors: What to hand out; ignored on all ranks but `root`.
    ///   - root: The rank that has them.
    /// - Returns: The root's tensors.
    public func broadcast(_ tensors: [HostTensor?], from root: Int) throws -> [HostTensor?] {
        try check(root, "root")
        guard rank == root else {
            return try receive(from: root, stream: CollectiveStream.broadcast)
        }
        for peer in 0..<rankCount where peer != root {
            try send(tensors, to: peer, stream: CollectiveStream.broadcast)
        }
        return tensors
    }

    /// Gives every rank the tensors of all.
    ///
    /// - Parameter tensors: This rank's; shapes and counts may differ between ranks.
    /// - Returns: One list a rank, in their order.
    public func allGather(_ tensors: [HostTensor?]) throws -> [[HostTensor?]] {
        try exchange(stream: CollectiveStream.allGather) { _ in tensors }
    }

    /// Sends each rank its own list of tensors and returns what the others sent here.
    ///
    /// - Parameter lists: `lists[d]` goes to rank `d`; shapes and counts are free (all-to-all-v).
    /// - Returns: One list a rank: what rank `s` had as `lists[rank]`.
    /// - Throws: ``CollectiveErrorCode/shapeMismatch`` if there is not one list a rank.
    public func allToAll(_ lists: [[HostTensor?]]) throws -> [[HostTensor?]] {
        guard lists.count == rankCount else {
            throw CollectiveError(
                .shapeMismatch,
                "all-to-all got \(lists.count) lists; \(rankCount) ranks need one each"
            )
        }
        return try exchange(stream: CollectiveStream.allToAll) { lists[$0] }
    }

    /// Sends rows of a tensor to the ranks they belong to: the form that expert parallelism uses.
    ///
    /// - Parameters:
    ///   - rows: `[R, ...]`, sorted by destination.
    ///   - counts: How many rows go to each rank; sums to R.
    /// - Returns: The received rows, sorted by source, and how many came from each rank.
    /// - Throws: ``CollectiveErrorCode/shapeMismatch`` if the counts do not fit.
    public func allToAll(
        rows: HostTensor,
        counts: [Int]
    ) throws -> (rows: HostTensor, counts: [Int]) {
        guard rows.rank >= 1, counts.count == rankCount, counts.allSatisfy({ $0 >= 0 }),
            counts.reduce(0, +) == rows.shape[0]
        else {
            throw CollectiveError(
                .shapeMismatch,
                "counts are \(counts) for rows of shape \(rows.shape); \(rankCount) counts that "
                    + "sum to the first axis are needed"
            )
        }
        var start = 0
        let lists = try counts.map { count -> [HostTensor?] in
            defer { start += count }
            return [try rows.slice(axis: 0, from: start, count: count)]
        }
        let received = try allToAll(lists).map { list -> HostTensor in
            guard let part = list.first ?? nil, list.count == 1, part.dtype == rows.dtype,
                part.shape.dropFirst() == rows.shape.dropFirst()
            else {
                throw CollectiveError(
                    .shapeMismatch,
                    "rows have shape \(rows.shape) here and another row shape or dtype elsewhere"
                )
            }
            return part
        }
        return (try TensorRows.concatenate(received), received.map { $0.shape[0] })
    }

    /// One list to and from each rank; one's own is handed over directly.
    func exchange(
        stream: UInt64,
        _ list: (_ destination: Int) throws -> [HostTensor?]
    ) throws -> [[HostTensor?]] {
        // Starting with the next rank spreads the load: no rank is everyone's first target.
        for step in 1..<max(rankCount, 1) {
            let peer = (rank + step) % rankCount
            try send(try list(peer), to: peer, stream: stream)
        }
        return try (0..<rankCount).map { source in
            source == rank ? try list(rank) : try receive(from: source, stream: stream)
        }
    }
}
