import DualPipe
import InfraCore
package import Tensors

extension ModelStage: PipelineStage {
    /// One input, one output; see ``forward(_:)``.
    package func forward(
        inputs: [HostTensor],
        chunk: Int
    ) throws -> (outputs: [HostTensor], context: Context) {
        guard let input = inputs.first, inputs.count == 1 else {
            throw TrainingError(
                .exchangeFailure,
                "a stage got \(inputs.count) inputs for chunk \(chunk); it takes 1"
            )
        }
        let (output, context) = try forward(input)
        return ([output], context)
    }

    /// See ``backwardInput(_:_:)``.
    package func backwardInput(
        outputGradients: [HostTensor?],
        context: inout Context
    ) throws -> [HostTensor?] {
        guard let dy = outputGradients.first.flatMap(\.self) else {
            throw TrainingError(
                .exchangeFailure,
                "a stage got no output gradient; the stage after it must send one"
            )
        }
        return [try backwardInput(dy, &context)]
    }

    /// See ``backwardWeight(_:)``.
    package func backwardWeight(context: Context) throws { try backwardWeight(context) }

    /// The gradients of ``parameters``, in their order.
    package var gradients: [HostTensor?] {
        get { parameters.map(\.gradient) }
        set {
            for (parameter, gradient) in zip(parameters, newValue) {
                if let gradient { parameter.gradient = gradient }
            }
        }
    }
}
