import DeepSeekModel

extension ModelConfiguration {
    /// The context the quickstart trains and generates with, in tokens.
    static let quickstartContext = 256

    /// DeepSeek-V3's architecture at a size that two cores train in minutes: 4 layers, one dense
    /// and three of 8 experts in 4 groups, 2.2 million parameters.
    static func quickstart(vocabularySize: Int) -> ModelConfiguration {
        var c = ModelConfiguration()
        c.vocabularySize = vocabularySize
        c.hiddenSize = 192
        c.intermediateSize = 384
        c.moeIntermediateSize = 96
        c.layerCount = 4
        c.headCount = 4
        c.queryRank = 96
        c.keyValueRank = 64
        c.ropeHeadDimension = 16
        c.nopeHeadDimension = 32
        c.valueHeadDimension = 32
        c.routedExpertCount = 8
        c.sharedExpertCount = 1
        c.expertsPerToken = 2
        c.groupCount = 4
        c.groupsPerToken = 2
        c.leadingDenseLayerCount = 1
        c.maxPositionEmbeddings = quickstartContext
        return c
    }
}
