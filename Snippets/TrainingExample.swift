// A tiny mixture-of-experts model trained on two pipeline ranks, with a checkpoint at the end.

import DeepSeekModel
import FoundationEssentials
import Tensors
import Training

let tokenizer = ByteTokenizer(addsBeginningOfSequence: false)
let text = String(repeating: "The quick brown fox jumps over the lazy dog. ", count: 2000)
let stream = TokenStream(
    tokens: try tokenizer.encode(text).map { Int32($0) },
    vocabularySize: tokenizer.vocabularySize
)

// DeepSeek-V3's architecture, small: 4 layers, one of them dense, 4 experts.
var model = ModelConfiguration()
model.vocabularySize = tokenizer.vocabularySize
(model.hiddenSize, model.intermediateSize, model.moeIntermediateSize) = (32, 64, 16)
(model.layerCount, model.leadingDenseLayerCount, model.headCount) = (4, 1, 2)
(model.queryRank, model.keyValueRank) = (16, 16)
(model.nopeHeadDimension, model.ropeHeadDimension, model.valueHeadDimension) = (16, 8, 16)
(model.routedExpertCount, model.expertsPerToken) = (4, 2)
(model.groupCount, model.groupsPerToken) = (1, 1)

var settings = TrainingSettings()
(settings.steps, settings.evaluationInterval, settings.learningRate) = (30, 10, 1e-2)
(settings.sequencesPerChunk, settings.sequenceLength) = (2, 32)

let folder = FileManager.default.temporaryDirectory.path + "/openinfra-training-example"
try? FileManager.default.removeItem(atPath: folder)
let trainer = try Trainer(
    configuration: model,
    settings: settings,
    stream: stream,
    checkpointFolder: folder
) { try tokenizer.write(toFolder: $0) }

print("unigram entropy \(stream.unigramEntropy) nats a byte")
let result = try await trainer.run { step in
    guard let heldOut = step.heldOutLoss else { return }
    print("step \(step.step): loss \(step.loss), held-out \(heldOut)")
}
print("\(result.parameterCount) parameters in \(result.checkpointPath)")
try FileManager.default.removeItem(atPath: folder)
