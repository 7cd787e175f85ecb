public import Tensors

/// One stage of a model, as a pipeline needs it: the backward pass comes in two halves, so that
/// weight gradients can wait until the pipeline would otherwise be idle.
///
/// A rank calls its stages from one thread. Weights and weight gradients belong to the stage;
/// the executor never sees the weights. Gradients add up over the chunks of a step, and over
/// steps until the stage's owner clears them.
public protocol PipelineStage: AnyObject {
    /// What a forward pass keeps for the backward pass of the same chunk.
    associatedtype Context

    /// Runs the stage on one chunk.
    ///
    /// - Parameters:
    ///   - inputs: The previous stage's outputs, or the chunk's share of the batch.
    ///   - chunk: The chunk's number on its route, from 0.
    /// - Returns: The outputs, and what ``backwardInput(outputGradients:context:)`` will need.
    func forward(
        inputs: [HostTensor],
        chunk: Int
    ) throws -> (outputs: [HostTensor], context: Context)

    /// Computes the gradients of a chunk's inputs.
    ///
    /// - Parameters:
    ///   - outputGradients: One a output; `nil` where no gradient flows.
    ///   - context: What the forward pass kept. Keep here what the weight half will need, and drop
    ///     the rest.
    /// - Returns: One a input; `nil` where no gradient flows. The first stage may return none.
    func backwardInput(
        outputGradients: [HostTensor?],
        context: inout Context
    ) throws -> [HostTensor?]

    /// Adds a chunk's weight gradients to the stage's.
    ///
    /// - Parameter context: What ``backwardInput(outputGradients:context:)`` left.
    func backwardWeight(context: Context) throws

    /// The accumulated weight gradients, in an order of the stage's own; `nil` for a weight
    /// without gradient. DualPipe holds every stage twice and replaces both copies' gradients by
    /// their sum; other kinds never ask.
    var gradients: [HostTensor?] { get set }

    /// Whether ``overlappedForwardBackward(_:inputs:chunk:_:outputGradients:context:emit:)`` does
    /// better than one after the other. If not, the executor runs the two in sequence itself and
    /// waits for the gradient only once the forward pass is done.
    static var overlapsForwardBackward: Bool { get }

    /// Runs the forward pass of one chunk and the full backward pass of another, overlapped.
    ///
    /// - Parameters:
    ///   - forwardStage: The stage that runs forward; may be the same object as `backwardStage`.
    ///   - inputs: The forward chunk's inputs.
    ///   - chunk: The forward chunk's number.
    ///   - backwardStage: The stage that runs backward, weight gradients included.
    ///   - outputGradients: The backward chunk's output gradients.
    ///   - context: What the backward chunk's forward pass kept.
    ///   - emit: Takes outputs and input gradients as soon as each is known; both must be called.
    /// - Returns: What the forward chunk's backward pass will need.
    static func overlappedForwardBackward(
        _ forwardStage: Self,
        inputs: [HostTensor],
        chunk: Int,
        _ backwardStage: Self,
        outputGradients: [HostTensor?],
        context: Context,
        emit: OverlapResults
    ) throws -> Context
}

/// Where an overlapped operation delivers its results; each is sent on at once.
public struct OverlapResults {
    /// Takes the forward chunk's outputs.
    public let outputs: ([HostTensor]) throws -> Void
    /// Takes the gradients of the backward chunk's inputs.
    public let inputGradients: ([HostTensor?]) throws -> Void

    /// Joins the two receivers.
    public init(
        outputs: @escaping ([HostTensor]) throws -> Void,
        inputGradients: @escaping ([HostTensor?]) throws -> Void
    ) {
        self.outputs = outputs
        self.inputGradients = inputGradients
    }
}

extension PipelineStage {
    /// No; a stage that overlaps says so itself.
    public static var overlapsForwardBackward: Bool { false }

    /// Forward, then input gradients, then weight gradients.
    public static func overlappedForwardBackward(
        _ forwardStage: Self,
        inputs: [HostTensor],
        chunk: Int,
        _ backwardStage: Self,
        outputGradients: [HostTensor?],
        context: Context,
        emit: OverlapResults
    ) throws -> Context {
        let (outputs, forwardContext) = try forwardStage.forward(inputs: inputs, chunk: chunk)
        try emit.outputs(outputs)
        var context = context
        try emit.inputGradients(
            try backwardStage.backwardInput(outputGradients: outputGradients, context: &context)
        )
        try backwardStage.backwardWeight(context: context)
        return forwardContext
    }
}
