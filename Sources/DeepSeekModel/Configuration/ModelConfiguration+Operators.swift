public import InfraCore
public import Operators

extension ModelConfiguration {
    /// The rotary embedding of the model's positions.
    public func makeRotaryEmbedding() throws(OperatorError) -> RotaryEmbedding {
        try RotaryEmbedding(
            width: ropeHeadDimension,
            base: Float(rotary.theta),
            maximumPositionCount: maxPositionEmbeddings,
            isInterleaved: rotary.isInterleaved,
            yarn: rotary.yarn.map { yarn in
                RotaryEmbedding.YaRN(
                    factor: Float(yarn.factor),
                    originalMaximumPositionCount: yarn.originalMaxPositionEmbeddings,
                    betaFast: Float(yarn.betaFast),
                    betaSlow: Float(yarn.betaSlow),
                    attentionFactor: yarn.tableFactor,
                    roundsBounds: yarn.truncate
                )
            }
        )
    }

    /// The gate of the model's mixture layers; `nil` if every layer is dense.
    public func makeRouter() throws(OperatorError) -> ExpertRouter? {
        guard routedExpertCount > 0 else { return nil }
        let layers = 0..<layerCount + nextTokenPredictionLayerCount
        guard layers.contains(where: isMixtureOfExperts(layer:)) else { return nil }
        return try ExpertRouter(
            expertCount: routedExpertCount,
            expertsPerToken: expertsPerToken,
            groupCount: groupCount,
            groupsPerToken: groupsPerToken,
            normalizesWeights: normalizesExpertWeights,
            scalingFactor: Float(routedScalingFactor)
        )
    }

    /// What attention scores are multiplied with: (N + P)^-½, times YaRN's magnitude squared.
    public var softmaxScale: Float {
        let plain = 1 / Float(queryHeadDimension).squareRoot()
        guard let yarn = rotary.yarn, let weight = yarn.mscaleAllDim, weight != 0 else {
            return plain
        }
        let magnitude = RotaryEmbedding.YaRN.magnitude(
            factor: Float(yarn.factor),
            mscale: Float(weight)
        )
        return plain * magnitude * magnitude
    }
}

extension RotaryConfiguration.YaRN {
    /// What sines and cosines are multiplied with, as transformers computes it.
    var tableFactor: Float {
        if let attentionFactor { return Float(attentionFactor) }
        func magnitude(_ mscale: Double) -> Float {
            RotaryEmbedding.YaRN.magnitude(factor: Float(factor), mscale: Float(mscale))
        }
        guard let mscale, let mscaleAllDim, mscale != 0, mscaleAllDim != 0 else {
            return magnitude(1)
        }
        return magnitude(mscale) / magnitude(mscaleAllDim)
    }
}
