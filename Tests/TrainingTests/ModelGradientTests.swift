import DeepSeekModel
import InfraCore
import Tensors
import Testing
import Training

@Suite("The gradient of the whole model")
struct ModelGradientTests {
    @Test("agrees with finite differences for every parameter", arguments: [1, 2, 4])
    func finiteDifferences(stageCount: Int) throws {
        let c = tinyConfiguration()
        let model = try SequentialModel(c, stageCount: stageCount, sequenceLength: 5)
        let (tokens, targets) = randomBatch(c, sequences: 3, length: 5, seed: 1)
        _ = try model.accumulateGradients(tokens, targets)
        for parameter in model.parameters {
            var random = SeededRandom(seed: 99)
            let start = parameter.value
            let values = start.elements(of: Float.self)
            let direction = values.map { _ in random.normal() }
            let gradient = parameter.gradient.elements(of: Float.self)
            let analytic = zip(gradient, direction).reduce(0.0) {
                $0 + Double($1.0) * Double($1.1)
            }
            let norm = gradient.reduce(0.0) { $0 + Double($1) * Double($1) }.squareRoot()
            // Small steps keep the experts' choice; the largest that does is the most precise.
            func difference(_ step: Float) throws -> Double {
                var losses: [Double] = []
                for sign in [step, -step] {
                    parameter.value = HostTensor(
                        zip(values, direction).map { $0 + sign * $1 },
                        shape: start.shape
                    )
                    losses.append(try model.loss(tokens, targets))
                }
                parameter.value = start
                return (losses[0] - losses[1]) / Double(2 * step)
            }
            let errors = try [0x1p-8, 0x1p-10, 0x1p-12].map {
                abs(try difference($0) - analytic)
            }
            #expect(
                (errors.min() ?? .infinity) <= 0.01 * norm + 2e-4,
                "\(parameter.name): errors \(errors), norm \(norm)"
            )
            #expect(norm > 0, "\(parameter.name) has no gradient")
        }
    }

    @Test("is the same to the last bit however the layers are divided into stages")
    func stagesDoNotMatter() throws {
        let c = tinyConfiguration()
        let (tokens, targets) = randomBatch(c, sequences: 2, length: 6, seed: 2)
        let runs = try [1, 2, 4].map { stageCount in
            let model = try SequentialModel(c, stageCount: stageCount, sequenceLength: 6)
            let loss = try model.accumulateGradients(tokens, targets)
            return (loss, model.parameters.map { $0.gradient.elements(of: Float.self) })
        }
        #expect(runs[0].0 == runs[1].0 && runs[0].0 == runs[2].0)
        #expect(runs[0].1 == runs[1].1 && runs[0].1 == runs[2].1)
    }
}
