// A tiny DeepSeek-V3 model from nothing: configuration, tokenizer and random weights are written
// as a Hugging Face folder, loaded again, and continue a text.

import DeepSeekModel
import FoundationEssentials
import InfraCore
import Tensors

// The folder may be given, to look at the files afterwards.
let folder =
    CommandLine.arguments.dropFirst().first
    ?? FileManager.default.temporaryDirectory.appending(path: "tiny-deepseek").path
try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)

let tokenizer = ByteTokenizer()
try tokenizer.write(toFolder: folder)

var configuration = ModelConfiguration()
configuration.vocabularySize = tokenizer.vocabularySize
configuration.beginningOfSequenceID = tokenizer.beginningOfSequenceID
configuration.endOfSequenceIDs = [257]
configuration.hiddenSize = 64
configuration.intermediateSize = 128
configuration.moeIntermediateSize = 32
configuration.layerCount = 3
configuration.leadingDenseLayerCount = 1
configuration.headCount = 4
configuration.queryRank = 32
configuration.keyValueRank = 32
configuration.routedExpertCount = 16
configuration.expertsPerToken = 4
try configuration.validate()
try configuration.write(toFolder: folder)

// The catalog names every tensor with its shape, as transformers expects them.
var random = SeededRandom(seed: 1)
var tensors: [String: HostTensor] = [:]
for (name, shape) in WeightCatalog(configuration).shapes.sorted(by: { $0.key < $1.key }) {
    let isNorm = name.hasSuffix("norm.weight")
    let values = (0..<shape.reduce(1, *)).map { _ in isNorm ? 1 : 0.2 * random.normal() }
    tensors[name] = HostTensor(values, shape: shape)
}
try SafetensorsWriter.write(tensors: tensors, to: folder + "/model.safetensors")

let model = try ModelFolder(folder).model()
let prompt = try tokenizer.encode("Hello")
let sampling = try SamplingOptions(temperature: 0.8, topP: 0.95, seed: 7)
let options = try GenerationOptions(maxTokens: 16, sampling: sampling, stopIDs: [257])
let generation = try TextGenerator(model).generate([prompt], options: options)[0]
print("\(tensors.count) tensors, prompt \(prompt)")
print("continued by \(generation.textIDs) (random weights, random bytes)")
