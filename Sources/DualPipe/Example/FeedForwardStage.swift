import InfraCore
public import Tensors

#if canImport(Glibc)
    import Glibc
#endif

/// A small complete stage to try schedules with: `y = x + gelu(x A) B` in fp32.
///
/// `x`, `y`: `[rows, width]`; `A`: `[width, hidden]`; `B`: `[hidden, width]`. GELU in its tanh form
/// (Hendrycks and Gimpel, 2016).
public final class FeedForwardStage: PipelineStage {
    /// What a chunk needs on the way back.
    public struct Context {
        fileprivate var input: HostTensor
        fileprivate var hidden: HostTensor
        fileprivate var activated: HostTensor
        fileprivate var outputGradient: HostTensor?
        fileprivate var hiddenGradient: HostTensor?
    }

    private let first: HostTensor
    private let second: HostTensor
    /// The gradients of A and B.
    public var gradients: [HostTensor?]

    /// Draws the weights of one stage.
    ///
    /// - Parameters:
    ///   - width: The size of inputs and outputs.
    ///   - hidden: The size in between.
    ///   - seed: Same seed, same weights.
    public init(width: Int, hidden: Int, seed: UInt64) {
        var random = SeededRandom(seed: seed)
        func draw(_ rows: Int, _ columns: Int) -> HostTensor {
            let scale = 1 / Float(rows).squareRoot()
            let values = (0..<rows * columns).map { _ in random.normal() * scale }
            return HostTensor(values, shape: [rows, columns])
        }
        first = draw(width, hidden)
        second = draw(hidden, width)
        gradients = [HostTensor(zeros: [width, hidden]), HostTensor(zeros: [hidden, width])]
    }

    /// Sets the gradients to zero.
    public func clearGradients() {
        gradients = gradients.map { $0.map { HostTensor(zeros: $0.shape) } }
    }

    /// Runs one chunk, `[rows, width]`.
    public func forward(
        inputs: [HostTensor],
        chunk: Int
    ) throws -> (outputs: [HostTensor], context: Context) {
        let input = inputs[0]
        let hidden = try HostTensor.matrixMultiply(input, first)
        let activated = Self.map(hidden) { value, _ in Self.gelu(value) }
        var output = try HostTensor.matrixMultiply(activated, second)
        Self.add(input, to: &output)
        return ([output], Context(input: input, hidden: hidden, activated: activated))
    }

    /// The gradient of the input, `[rows, width]`.
    public func backwardInput(
        outputGradients: [HostTensor?],
        context: inout Context
    ) throws -> [HostTensor?] {
        guard let gradient = outputGradients.first ?? nil else { return [nil] }
        let activated = try HostTensor.matrixMultiply(gradient, second, transposeB: true)
        let hidden = Self.map(activated, context.hidden) { $0 * Self.geluSlope($1) }
        var input = try HostTensor.matrixMultiply(hidden, first, transposeB: true)
        Self.add(gradient, to: &input)
        context.outputGradient = gradient
        context.hiddenGradient = hidden
        return [input]
    }

    /// Adds the gradients of A and B.
    public func backwardWeight(context: Context) throws {
        guard let output = context.outputGradient, let hidden = context.hiddenGradient else {
            return
        }
        try gradients[0]?.addMatrixProduct(context.input, hidden, transposeA: true)
        try gradients[1]?.addMatrixProduct(context.activated, output, transposeA: true)
    }

    private static func gelu(_ x: Float) -> Float {
        0.5 * x * (1 + tanhf(0.797_884_6 * (x + 0.044_715 * x * x * x)))
    }

    private static func geluSlope(_ x: Float) -> Float {
        let t = tanhf(0.797_884_6 * (x + 0.044_715 * x * x * x))
        return 0.5 * (1 + t) + 0.5 * x * (1 - t * t) * 0.797_884_6 * (1 + 0.134_145 * x * x)
    }

    private static func map(
        _ tensor: HostTensor,
        _ other: HostTensor? = nil,
        _ body: (Float, Float) -> Float
    ) -> HostTensor {
        var result = HostTensor(uninitialized: tensor.shape)
        tensor.withUnsafeElements(of: Float.self) { source in
            (other ?? tensor).withUnsafeElements(of: Float.self) { second in
                result.withUnsafeMutableElements(of: Float.self) { target in
                    for index in target.indices {
                        target[index] = body(source[index], second[index])
                    }
                }
            }
        }
        return result
    }

    private static func add(_ tensor: HostTensor, to sum: inout HostTensor) {
        tensor.contiguous().withUnsafeElements(of: Float.self) { source in
            sum.withUnsafeMutableElements(of: Float.self) { target in
                for index in target.indices { target[index] += source[index] }
            }
        }
    }
}
