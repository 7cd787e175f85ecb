public import Tensors

/// Moves tokens to the ranks of their experts and the experts' outputs back: the two all-to-alls
/// of expert parallelism.
///
/// Letters: M tokens of this rank, D model width, K experts a token, R rows received. Every rank
/// of the exchange calls the same methods in the same order. The backward pass needs no routing
/// of its own: the gradient of a combine is a dispatch along the same handle, and the gradient of
/// a dispatch is a combine.
public protocol ExpertExchange: AnyObject {
    /// Remembers which row came from where.
    associatedtype Handle

    /// The experts this rank holds.
    var localExperts: Range<Int> { get }

    /// Sends each token to the ranks of its experts.
    ///
    /// - Parameters:
    ///   - x: Tokens, `[M, D]`, float32.
    ///   - experts: The experts of each token, `[M, K]`, int32, all different within a row.
    ///   - weights: The weight of each of them, `[M, K]`, float32.
    /// - Returns: The rows that arrived here, sorted by expert, and the handle of this routing.
    func dispatch(
        _ x: HostTensor,
        experts: HostTensor,
        weights: HostTensor
    ) throws -> (rows: DispatchedRows, handle: Handle)

    /// Sends other tokens along a routing that is known already.
    ///
    /// - Parameters:
    ///   - x: `[M, D]`, float32.
    ///   - handle: The routing.
    /// - Returns: `[R, D]`, in the order of the first dispatch.
    func dispatch(_ x: HostTensor, along handle: Handle) throws -> HostTensor

    /// Sends rows back and sums those of each token, in the order of its K experts.
    ///
    /// - Parameters:
    ///   - rows: `[R, D]`, float32, in the order of the dispatch.
    ///   - rowWeights: `[R]`, float32: one number a row to send back unsummed, or `nil`.
    ///   - handle: The routing.
    /// - Returns: The sums `[M, D]`, and the numbers `[M, K]` if there were any.
    func combine(
        _ rows: HostTensor,
        rowWeights: HostTensor?,
        along handle: Handle
    ) throws -> (sum: HostTensor, weights: HostTensor?)
}

/// The tokens that arrived at one rank, a row for each pair of token and local expert.
public struct DispatchedRows {
    /// The tokens, `[R, D]`, float32, sorted by expert, then by source rank, then by token.
    public let x: HostTensor
    /// The weight of each pair, `[R]`, float32.
    public let weights: HostTensor
    /// How many rows each local expert has.
    public let counts: [Int]

    /// Creates the result of a dispatch.
    public init(x: HostTensor, weights: HostTensor, counts: [Int]) {
        self.x = x
        self.weights = weights
        self.counts = counts
    }
}
