import DeepSeekModel
import InfraCore
import Operators
import Tensors
import Training

/// A model small enough for exhaustive tests: 4 layers, the first dense, 4 experts in 2 groups.
func tinyConfiguration() -> ModelConfiguration {
    var c = ModelConfiguration()
    c.vocabularySize = 16
    c.hiddenSize = 8
    c.intermediateSize = 12
    c.moeIntermediateSize = 6
    c.layerCount = 4
    c.headCount = 2
    c.queryRank = 6
    c.keyValueRank = 4
    c.ropeHeadDimension = 2
    c.nopeHeadDimension = 4
    c.valueHeadDimension = 4
    c.routedExpertCount = 4
    c.sharedExpertCount = 1
    c.expertsPerToken = 2
    c.groupCount = 2
    c.groupsPerToken = 1
    c.leadingDenseLayerCount = 1
    c.maxPositionEmbeddings = 64
    c.initializerRange = 0.3
    return c
}

/// The whole model as stages on one rank, run one after the other.
struct SequentialModel {
    let stages: [ModelStage<LocalExpertExchange>]

    init(_ c: ModelConfiguration, stageCount: Int, sequenceLength: Int, seed: UInt64 = 7) throws {
        stages = try (0..<stageCount).map { index in
            try ModelStage(
                index: index,
                of: stageCount,
                c,
                sequenceLength: sequenceLength,
                exchange: LocalExpertExchange(expertCount: c.routedExpertCount),
                seed: seed
            )
        }
    }

    var parameters: [Parameter] { stages.flatMap(\.parameters) }

    func loss(_ tokens: HostTensor, _ targets: HostTensor) throws -> Double {
        var x = tokens
        for stage in stages { x = try stage.forward(x).output }
        return try CrossEntropy.lossAndGradient(logits: x, targets: targets).loss
    }

    /// Runs forward and backward once, adding to every parameter's gradient.
    func accumulateGradients(_ tokens: HostTensor, _ targets: HostTensor) throws -> Double {
        var x = tokens
        var contexts: [ModelStage<LocalExpertExchange>.Context] = []
        for stage in stages {
            let (y, context) = try stage.forward(x)
            x = y
            contexts.append(context)
        }
        let result = try CrossEntropy.lossAndGradient(logits: x, targets: targets)
        var d = result.gradient
        for index in stages.indices.reversed() {
            let dx = try stages[index].backwardInput(d, &contexts[index])
            try stages[index].backwardWeight(contexts[index])
            if let dx { d = dx }
        }
        return result.loss
    }
}

/// Tokens and targets drawn from the vocabulary.
func randomBatch(
    _ c: ModelConfiguration,
    sequences: Int,
    length: Int,
    seed: UInt64
) -> (tokens: HostTensor, targets: HostTensor) {
    var random = SeededRandom(seed: seed)
    func draw() -> [Int32] {
        (0..<sequences * length).map { _ in Int32(random.next() % UInt64(c.vocabularySize)) }
    }
    return (HostTensor(draw(), shape: [sequences, length]), HostTensor(draw()))
}
