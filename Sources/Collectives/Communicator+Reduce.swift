import InfraCore
public import Tensors

extension Communicator {
    /// Lists below this size are summed by every rank for itself, which saves a round trip.
    public static let directSumByteCount = 16 << 10

    /// Sums tensors over all ranks, element by element.
    ///
    /// Every element is added in the order of the ranks, on whichever rank that happens, so all
    /// ranks get the same bits in every run. Large lists are cut into one part a rank, summed
    /// there and handed round: each rank sends and receives about twice the list's size.
    ///
    /// - Parameter tensors: Same shapes and dtypes on every rank; fp32, bf16, fp16, int32, int64.
    ///   16-bit floats are accumulated in fp32 and rounded once.
    /// - Returns: The sums.
    /// - Throws: ``CollectiveErrorCode/shapeMismatch``, ``CollectiveErrorCode/dtypeMismatch``, or
    ///   `TransportError`.
    public func allReduceSum(_ tensors: [HostTensor]) throws -> [HostTensor] {
        if rankCount == 1 { return tensors }
        if tensors.reduce(0, { $0 + $1.byteCount }) * rankCount <= Self.directSumByteCount {
            return try sum(try allGather(tensors), like: tensors)
        }
        let flat = try tensors.map { try $0.reshaped(to: [$0.elementCount]) }
        let parts = try (0..<rankCount).map { try part($0, of: flat) }
        let mine = try sum(
            try exchange(stream: CollectiveStream.scatter) { parts[$0] },
            like: parts[rank]
        )
        let all = try exchange(stream: CollectiveStream.gather) { _ in mine }
        return try tensors.indices.map { index in
            let pieces = all.compactMap { $0[index] }
            return try TensorRows.concatenate(pieces).reshaped(to: tensors[index].shape)
        }
    }

    /// Sums a tensor over all ranks and gives each its own share of the rows.
    ///
    /// - Parameter tensor: `[N * K, ...]` for N ranks, same shape and dtype everywhere.
    /// - Returns: `[K, ...]`: rows `rank * K ..< (rank + 1) * K` of the sum, added in the order
    ///   of the ranks.
    /// - Throws: ``CollectiveErrorCode/shapeMismatch`` if the rows do not divide; otherwise as
    ///   ``allReduceSum(_:)``.
    public func reduceScatterSum(_ tensor: HostTensor) throws -> HostTensor {
        guard tensor.rank >= 1, tensor.shape[0].isMultiple(of: rankCount) else {
            throw CollectiveError(
                .shapeMismatch,
                "tensor of shape \(tensor.shape) cannot be shared by \(rankCount) ranks; its first "
                    + "axis must be a multiple"
            )
        }
        let rows = tensor.shape[0] / rankCount
        let parts = try (0..<rankCount).map {
            try tensor.slice(axis: 0, from: $0 * rows, count: rows)
        }
        let lists = try exchange(stream: CollectiveStream.scatter) { [parts[$0]] }
        return try sum(lists, like: [parts[rank]])[0]
    }

    /// The share of each flat tensor that a rank sums.
    private func part(_ index: Int, of flat: [HostTensor]) throws -> [HostTensor] {
        try flat.map { tensor in
            let start = tensor.elementCount * index / rankCount
            let end = tensor.elementCount * (index + 1) / rankCount
            return try tensor.slice(axis: 0, from: start, count: end - start)
        }
    }

    /// Adds what the ranks contributed, after a check that it fits.
    private func sum(
        _ lists: [[HostTensor?]],
        like own: [HostTensor]
    ) throws -> [HostTensor] {
        for (source, list) in lists.enumerated() {
            let fits =
                list.count == own.count
                && zip(list, own).allSatisfy { $0?.shape == $1.shape && $0?.dtype == $1.dtype }
            guard fits else {
                throw CollectiveError(
                    .shapeMismatch,
                    "rank \(source) sums \(Self.describe(list)), but rank \(rank) sums "
                        + "\(Self.describe(own)); all must be alike"
                )
            }
        }
        return try own.indices.map { index in
            try OrderedSum.sum(lists.compactMap { $0[index] })
        }
    }

    private static func describe(_ tensors: [HostTensor?]) -> String {
        let shapes = tensors.prefix(4).map { tensor in
            tensor.map { "\($0.dtype.rawValue) \($0.shape)" } ?? "nothing"
        }
        return "\(tensors.count) tensors (\(shapes.joined(separator: ", ")))"
    }
}
