public import InfraCore
public import Tensors

/// The keys and values of all sequences being served, as latents in pages of 64 tokens.
///
/// A token leaves one row of R + P numbers in each layer: the normalised latent, then the rotated
/// key part all heads share ("DeepSeek-V2", 2024, section 2.1). Sequences own whole pages; a
/// sequence's pages have the same numbers in all layers, so one table serves them all. Not
/// thread-safe: it has one owner.
public struct PagedLatentCache: ~Copyable {
    /// How many tokens a page holds; what the attention kernels of FlashMLA take.
    public static let pageSize = 64

    /// A sequence in the cache.
    public struct SequenceID: Hashable, Sendable {
        fileprivate let value: Int
    }

    private struct Sequence {
        var pages: [Int] = []
        var length = 0
    }

    /// The width of a row, R + P.
    public let rowWidth: Int
    /// How many pages each layer has.
    public let pageCount: Int
    /// The pages of each layer, `[pages, 64, R + P]`, float32.
    private var layers: [HostTensor]
    private var freePages: [Int]
    private var sequences: [SequenceID: Sequence] = [:]
    private var nextValue = 0

    /// Allocates a cache.
    ///
    /// - Parameters:
    ///   - layerCount: How many layers keep rows, prediction modules included.
    ///   - rowWidth: R + P.
    ///   - pageCount: How many pages each layer has.
    /// - Throws: ``ModelErrorCode/invalidArgument`` for a count below one.
    public init(layerCount: Int, rowWidth: Int, pageCount: Int) throws(ModelError) {
        for (name, value) in [
            ("layerCount", layerCount), ("rowWidth", rowWidth), ("pageCount", pageCount),
        ] where value < 1 {
            throw ModelError(.invalidArgument, "\(name) is \(value); it must be at least 1")
        }
        self.rowWidth = rowWidth
        self.pageCount = pageCount
        layers = (0..<layerCount).map { _ in
            HostTensor(zeros: [pageCount, Self.pageSize, rowWidth])
        }
        // Pages are handed out from the end: number 0 first.
        freePages = Array((0..<pageCount).reversed())
    }

    /// How many pages belong to no sequence.
    public var freePageCount: Int { freePages.count }

    /// How many pages a sequence of `tokenCount` tokens takes.
    public static func pageCount(forTokens tokenCount: Int) -> Int {
        (tokenCount + pageSize - 1) / pageSize
    }

    /// Starts an empty sequence.
    public mutating func addSequence() -> SequenceID {
        let id = SequenceID(value: nextValue)
        nextValue += 1
        sequences[id] = Sequence()
        return id
    }

    /// Ends a sequence and frees its pages; an unknown one is ignored.
    public mutating func removeSequence(_ id: SequenceID) {
        guard let sequence = sequences.removeValue(forKey: id) else { return }
        freePages += sequence.pages.reversed()
    }

    /// How many tokens of a sequence are in the cache; zero for an unknown one.
    public func length(of id: SequenceID) -> Int { sequences[id]?.length ?? 0 }

    /// The pages of a sequence, in the order of its tokens.
    public func pages(of id: SequenceID) -> [Int] { sequences[id]?.pages ?? [] }

    /// Shortens a sequence, freeing the pages it no longer needs.
    ///
    /// - Throws: ``ModelErrorCode/invalidArgument`` if it is not that long.
    public mutating func truncate(_ id: SequenceID, to length: Int) throws(ModelError) {
        guard var sequence = sequences[id], (0...sequence.length).contains(length) else {
            throw ModelError(
                .invalidArgument,
                "length is \(length); the sequence has \(self.length(of: id)) tokens"
            )
        }
        let kept = Self.pageCount(forTokens: length)
        freePages += sequence.pages[kept...].reversed()
        sequence.pages.removeSubrange(kept...)
        sequence.length = length
        sequences[id] = sequence
    }

    /// Makes room for more tokens of several sequences: for all of them or for none.
    ///
    /// - Throws: ``ModelErrorCode/cacheExhausted`` if there are too few free pages.
    public mutating func extend(_ requests: [(id: SequenceID, count: Int)]) throws(ModelError) {
        var needed = 0
        for (id, count) in requests {
            guard let sequence = sequences[id] else {
                throw ModelError(.invalidArgument, "a sequence is not in the cache; add it first")
            }
            let pages = Self.pageCount(forTokens: sequence.length + count)
            needed += pages - sequence.pages.count
        }
        guard needed <= freePages.count else {
            throw ModelError(
                .cacheExhausted,
                "the latent cache has \(freePages.count) free pages of \(pageCount), but "
                    + "\(needed) are needed; end sequences or make it larger"
            )
        }
        for (id, count) in requests {
            guard var sequence = sequences[id] else { continue }
            sequence.length += count
            while sequence.pages.count < Self.pageCount(forTokens: sequence.length) {
                sequence.pages.append(freePages.removeLast())
            }
            sequences[id] = sequence
        }
    }

    /// Writes rows of one layer at the end of the room made for a sequence.
    ///
    /// - Parameters:
    ///   - rows: `[count, R + P]`, float32.
    ///   - layer: The layer.
    ///   - id: The sequence.
    ///   - start: The position of the first row.
    public mutating func write(
        _ rows: HostTensor,
        layer: Int,
        sequence id: SequenceID,
        from start: Int
    ) {
        guard let sequence = sequences[id] else { return }
        let count = rows.shape[0]
        precondition(
            start >= 0 && start + count <= sequence.length,
            "rows \(start)..<\(start + count) lie outside the sequence of \(sequence.length)"
        )
        let width = rowWidth
        rows.contiguous().withUnsafeElements(of: Float.self) { source in
            layers[layer].withUnsafeMutableElements(of: Float.self) { target in
                for row in 0..<count {
                    let position = start + row
                    let page = sequence.pages[position / Self.pageSize]
                    let at = (page * Self.pageSize + position % Self.pageSize) * width
                    for column in 0..<width { target[at + column] = source[row * width + column] }
                }
            }
        }
    }

    /// The pages of one layer, `[pages, 64, R + P]`, float32.
    ///
    /// Release the tensor before the next write: while it is held, a write copies the layer.
    public func layer(_ index: Int) -> HostTensor { layers[index] }
}
