/// How positions turn queries and keys: rotary embedding, plain or stretched by YaRN.
///
/// YaRN: Peng et al., "YaRN: Efficient Context Window Extension of Large Language Models", 2023.
public struct RotaryConfiguration: Sendable, Equatable {
    /// The base of the geometric sequence of wavelengths.
    public var theta: Double
    /// YaRN's parameters; `nil` for plain rotary embedding.
    public var yarn: YaRN?
    /// Whether the checkpoint keeps the two halves of a pair side by side, `(x0, x1), (x2, x3)`,
    /// as DeepSeek's does, instead of half the width apart.
    public var isInterleaved: Bool

    /// The parameters of YaRN, with the names config.json uses.
    public struct YaRN: Sendable, Equatable {
        /// How many times longer the context became; `factor`.
        public var factor: Double
        /// The context length before stretching, in tokens.
        public var originalMaxPositionEmbeddings: Int
        /// Rotations above which a dimension is not stretched.
        public var betaFast: Double
        /// Rotations below which a dimension is stretched in full.
        public var betaSlow: Double
        /// Weight of the logarithm in the numerator of the attention factor.
        public var mscale: Double?
        /// Weight of the logarithm in its denominator, and in the softmax scale.
        public var mscaleAllDim: Double?
        /// Replaces the factor computed from the two weights above.
        public var attentionFactor: Double?
        /// Whether the boundaries of the ramp are rounded outwards to whole dimensions.
        public var truncate: Bool

        /// Creates YaRN parameters; the defaults are those of Hugging Face transformers.
        public init(
            factor: Double,
            originalMaxPositionEmbeddings: Int,
            betaFast: Double = 32,
            betaSlow: Double = 1,
            mscale: Double? = nil,
            mscaleAllDim: Double? = nil,
            attentionFactor: Double? = nil,
            truncate: Bool = true
        ) {
            self.factor = factor
            self.originalMaxPositionEmbeddings = originalMaxPositionEmbeddings
            self.betaFast = betaFast
            self.betaSlow = betaSlow
            self.mscale = mscale
            self.mscaleAllDim = mscaleAllDim
            self.attentionFactor = attentionFactor
            self.truncate = truncate
        }
    }

    /// Creates a configuration.
    ///
    /// - Parameters:
    ///   - theta: The base of the wavelengths.
    ///   - yarn: YaRN's parameters; `nil` for plain rotary embedding.
    ///   - isInterleaved: Whether the two halves of a pair are neighbours in the checkpoint.
    public init(theta: Double = 10_000, yarn: YaRN? = nil, isInterleaved: Bool = true) {
        self.theta = theta
        self.yarn = yarn
        self.isInterleaved = isInterleaved
    }
}
