public import InfraCore
public import Tensors

#if canImport(Glibc)
    import Glibc
#endif

/// Rotary position embedding (Su et al., "RoFormer", 2021) with YaRN context extension
/// (Peng et al., "YaRN", 2023).
///
/// A head of width D holds D/2 pairs; pair i at position p is rotated by the angle p · f(i).
/// Pairs are neighbours `(x[2i], x[2i+1])` when ``isInterleaved``, otherwise `(x[i], x[i+D/2])`.
/// Tables of sines and cosines are computed once, for ``maximumPositionCount`` positions, in
/// float32 as Hugging Face transformers does.
public struct RotaryEmbedding: Sendable {
    /// How YaRN stretches the frequencies of a model to a longer context.
    public struct YaRN: Sendable, Equatable {
        /// How many times longer the context becomes.
        public var factor: Float
        /// The context length of pretraining, in positions.
        public var originalMaximumPositionCount: Int
        /// Pairs that turn more often than this over the original context keep their frequency.
        public var betaFast: Float
        /// Pairs that turn less often than this have their frequency divided by ``factor``.
        public var betaSlow: Float
        /// Multiplies sines and cosines.
        public var attentionFactor: Float
        /// Whether the bounds of the blended range are rounded to whole pairs.
        public var roundsBounds: Bool

        /// Creates a YaRN description; see the properties.
        public init(
            factor: Float,
            originalMaximumPositionCount: Int,
            betaFast: Float = 32,
            betaSlow: Float = 1,
            attentionFactor: Float = 1,
            roundsBounds: Bool = true
        ) {
            self.factor = factor
            self.originalMaximumPositionCount = originalMaximumPositionCount
            self.betaFast = betaFast
            self.betaSlow = betaSlow
            self.attentionFactor = attentionFactor
            self.roundsBounds = roundsBounds
        }

        /// YaRN's magnitude correction, 0.1 · mscale · ln(factor) + 1, or 1 when not extending.
        public static func magnitude(factor: Float, mscale: Float = 1) -> Float {
            factor <= 1 ? 1 : 0.1 * mscale * logf(factor) + 1
        }
    }

    /// The width of one head, D.
    public let width: Int
    /// How many positions the tables cover.
    public let maximumPositionCount: Int
    /// Whether pairs are neighbours rather than half a head apart.
    public let isInterleaved: Bool
    /// The angle between neighbouring positions of each pair, in radians, `[D / 2]`.
    public let frequencies: [Float]
    private let cosines: HostTensor
    private let sines: HostTensor

    /// Computes the tables.
    ///
    /// - Parameters:
    ///   - width: The width of one head; even and positive.
    ///   - base: The frequency base θ; pair i turns by θ^(−2i/D) per position.
    ///   - maximumPositionCount: How many positions to prepare.
    ///   - isInterleaved: Whether pairs are neighbours, as DeepSeek's weights are laid out.
    ///   - yarn: The context extension, if the model has one.
    /// - Throws: ``OperatorErrorCode/invalidConfiguration``.
    public init(
        width: Int,
        base: Float = 10_000,
        maximumPositionCount: Int,
        isInterleaved: Bool = true,
        yarn: YaRN? = nil
    ) throws(OperatorError) {
        guard width > 0, width.isMultiple(of: 2) else {
            throw OperatorError(
                .invalidConfiguration,
                "rotary width is \(width); it must be even and positive"
            )
        }
        guard maximumPositionCount > 0, base > 0 else {
            throw OperatorError(
                .invalidConfiguration,
                "rotary base is \(base) for \(maximumPositionCount) positions; both must be positive"
            )
        }
        self.width = width
        self.maximumPositionCount = maximumPositionCount
        self.isInterleaved = isInterleaved
        frequencies = Self.frequencies(width: width, base: base, yarn: yarn)
        let half = width / 2
        let scale = yarn?.attentionFactor ?? 1
        var cosineTable = HostTensor(uninitialized: [maximumPositionCount, half])
        var sineTable = HostTensor(uninitialized: [maximumPositionCount, half])
        let frequencies = frequencies
        writing(&cosineTable) { cosines in
            writing(&sineTable) { sines in
                for position in 0..<maximumPositionCount {
                    for pair in 0..<half {
                        let angle = Float(position) * frequencies[pair]
                        cosines[position * half + pair] = cosf(angle) * scale
                        sines[position * half + pair] = sinf(angle) * scale
                    }
                }
            }
        }
        cosines = cosineTable
        sines = sineTable
    }

    private static func frequencies(width: Int, base: Float, yarn: YaRN?) -> [Float] {
        let plain = stride(from: 0, to: width, by: 2).map { index in
            1 / powf(base, Float(index) / Float(width))
        }
        guard let yarn else { return plain }
        // The pair that turns `rotations` times over the original context (YaRN, section 3.2).
        func pairTurning(_ rotations: Float) -> Float {
            let context = Float(yarn.originalMaximumPositionCount)
            return Float(width) * logf(context / (rotations * 2 * Float.pi)) / (2 * logf(base))
        }
        var low = pairTurning(yarn.betaFast)
        var high = pairTurning(yarn.betaSlow)
        if yarn.roundsBounds { (low, high) = (low.rounded(.down), high.rounded(.up)) }
        low = max(low, 0)
        high = min(high, Float(width - 1))
        if low == high { high += 0.001 }
        return plain.enumerated().map { pair, frequency in
            let ramp = min(max((Float(pair) - low) / (high - low), 0), 1)
            return frequency / yarn.factor * ramp + frequency * (1 - ramp)
        }
    }

    /// Rotates every head of every token in place.
    ///
    /// - Parameters:
    ///   - x: `[M, H, D]`, or `[M, D]` for one head; float32.
    ///   - positions: The position of each of the M tokens.
    ///   - inverse: Whether to rotate backwards: the gradient of a rotation is its inverse, with
    ///     the same scale.
    /// - Throws: ``OperatorErrorCode/shapeMismatch``, ``OperatorErrorCode/dtypeMismatch``, or
    ///   ``OperatorErrorCode/outOfRange`` if a position has no table entry.
    public func rotate(
        _ x: inout HostTensor,
        positions: [Int],
        inverse: Bool = false
    ) throws(OperatorError) {
        try require(x, "x", x.rank == 2 ? [positions.count, width] : [positions.count, -1, width])
        if let stray = positions.first(where: { !(0..<maximumPositionCount).contains($0) }) {
            throw OperatorError(
                .outOfRange,
                "position \(stray) is outside 0..<\(maximumPositionCount)"
            )
        }
        let heads = x.rank == 2 ? 1 : x.shape[1]
        let half = width / 2
        let (step, second) = isInterleaved ? (2, 1) : (1, half)
        reading(cosines, sines) { cosines, sines in
            writing(&x) { x in
                for (token, position) in positions.enumerated() {
                    let (c, s) = (cosines + position * half, sines + position * half)
                    for head in 0..<heads {
                        let row = x + (token * heads + head) * width
                        for pair in 0..<half {
                            let (i, j) = (pair * step, pair * step + second)
                            let sine = inverse ? -s[pair] : s[pair]
                            let (a, b) = (row[i], row[j])
                            row[i] = a * c[pair] - b * sine
                            row[j] = a * sine + b * c[pair]
                        }
                    }
                }
            }
        }
    }
}
