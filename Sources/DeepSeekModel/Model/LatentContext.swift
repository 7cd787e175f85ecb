public import Tensors

/// The cached latents the queries of one step see, for all sequences of the step.
///
/// The fields are the arguments of a paged attention kernel: pages, a page table, lengths.
public struct LatentContext: Sendable {
    /// The pages of one layer, `[pages, 64, R + P]`, float32.
    public let pages: HostTensor
    /// The pages of each sequence, in the order of its tokens.
    public let pageTables: [[Int]]
    /// How many tokens each sequence has, the queries' own included.
    public let lengths: [Int]
    /// How many of the queries belong to each sequence: its last tokens.
    public let queryCounts: [Int]

    /// Describes a step; the arrays have one element a sequence.
    public init(pages: HostTensor, pageTables: [[Int]], lengths: [Int], queryCounts: [Int]) {
        self.pages = pages
        self.pageTables = pageTables
        self.lengths = lengths
        self.queryCounts = queryCounts
    }

    /// The latents of one sequence in order, `[length, R + P]`, copied out of their pages.
    public func rows(ofSequence index: Int) -> HostTensor {
        let (pageSize, width) = (pages.shape[1], pages.shape[2])
        var rows = HostTensor(uninitialized: [lengths[index], width])
        pages.withUnsafeElements(of: Float.self) { source in
            rows.withUnsafeMutableElements(of: Float.self) { target in
                guard let from = source.baseAddress, let to = target.baseAddress else { return }
                var position = 0
                for page in pageTables[index] where position < lengths[index] {
                    let count = min(pageSize, lengths[index] - position)
                    (to + position * width).update(
                        from: from + page * pageSize * width,
                        count: count * width
                    )
                    position += count
                }
            }
        }
        return rows
    }
}
