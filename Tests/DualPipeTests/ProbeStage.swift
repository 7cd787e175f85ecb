import DualPipe
import Synchronization
import Tensors
import Testing

/// A stage that adds one and remembers what it was asked; shapes change from stage to stage.
final class ProbeStage: PipelineStage {
    struct Context {
        var chunk: Int
        var count: Int
    }
    struct Failure: Error, Equatable {}

    static var overlapsForwardBackward: Bool { false }

    let index: Int
    let failsAtChunk: Int?
    let dropsGradients: Bool
    var gradients: [HostTensor?] = [HostTensor([Float(1)]), nil]
    private(set) var calls: [String] = []
    private(set) var gradientCounts: [Int] = []

    init(_ index: Int, failsAtChunk: Int? = nil, dropsGradients: Bool = false) {
        self.index = index
        self.failsAtChunk = failsAtChunk
        self.dropsGradients = dropsGradients
    }

    /// One row more than it got, and on odd stages a second, empty tensor of another dtype.
    func forward(
        inputs: [HostTensor],
        chunk: Int
    ) throws -> (outputs: [HostTensor], context: Context) {
        calls.append("F\(chunk)")
        if chunk == failsAtChunk { throw Failure() }
        let rows = inputs[0].shape[0] + 1
        let value = inputs[0].elements(of: Float.self)[0] + 1
        var outputs = [HostTensor(Array(repeating: value, count: rows), shape: [rows])]
        if index % 2 == 1 { outputs.append(HostTensor(zeros: [0, 3], dtype: .int64)) }
        return (outputs, Context(chunk: chunk, count: inputs.count))
    }

    func backwardInput(
        outputGradients: [HostTensor?],
        context: inout Context
    ) throws -> [HostTensor?] {
        calls.append("Bi\(context.chunk)")
        gradientCounts.append(outputGradients.compactMap(\.self).count)
        if dropsGradients { return Array(repeating: nil, count: context.count) }
        return [HostTensor([Float(1)])]
    }

    func backwardWeight(context: Context) throws { calls.append("W\(context.chunk)") }
}
