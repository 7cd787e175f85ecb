import Tensors

/// Which tokens of which sequences one pass through the model carries.
struct Step {
    /// The tokens of one sequence, neighbours in the step.
    struct Span {
        var sequence: PagedLatentCache.SequenceID
        /// The position of the first of them in the sequence.
        var start: Int
        var count: Int
        /// The row of the first of them in the step.
        var firstToken: Int
    }

    var spans: [Span] = []
    /// The position of each token in its sequence.
    var positions: [Int] = []

    /// Appends the tokens at `start..<start + count` of a sequence.
    mutating func append(_ sequence: PagedLatentCache.SequenceID, start: Int, count: Int) {
        spans.append(
            Span(sequence: sequence, start: start, count: count, firstToken: positions.count)
        )
        positions += start..<start + count
    }

    /// What the step's queries see in one layer.
    func context(pages: HostTensor, cache: borrowing PagedLatentCache) -> LatentContext {
        var tables: [[Int]] = []
        for span in spans { tables.append(cache.pages(of: span.sequence)) }
        return LatentContext(
            pages: pages,
            pageTables: tables,
            lengths: spans.map { $0.start + $0.count },
            queryCounts: spans.map(\.count)
        )
    }
}
