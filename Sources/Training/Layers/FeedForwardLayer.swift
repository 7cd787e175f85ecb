import Operators
import Tensors

/// The gated feed-forward network of a dense layer, of one expert, or of the shared experts:
/// down(silu(gate(x)) · up(x)).
struct FeedForwardLayer {
    let gate: LinearLayer
    let up: LinearLayer
    let down: LinearLayer

    /// What the backward pass needs of a forward pass.
    struct Saved {
        let x: HostTensor
        let gate: HostTensor
        let up: HostTensor
        let hidden: HostTensor
    }

    /// - Parameters:
    ///   - prefix: The name up to `gate_proj`.
    ///   - width: The model's width.
    ///   - hiddenWidth: The width between the projections.
    init(
        _ prefix: String,
        width: Int,
        hiddenWidth: Int,
        isExpert: Bool = false,
        _ make: ParameterFactory
    ) {
        gate = LinearLayer(
            weight: make.matrix(
                "\(prefix)gate_proj.weight",
                hiddenWidth,
                width,
                isExpert: isExpert
            )
        )
        up = LinearLayer(
            weight: make.matrix("\(prefix)up_proj.weight", hiddenWidth, width, isExpert: isExpert)
        )
        down = LinearLayer(
            weight: make.matrix(
                "\(prefix)down_proj.weight",
                width,
                hiddenWidth,
                writesResidual: true,
                isExpert: isExpert
            )
        )
    }

    var parameters: [Parameter] { [gate.weight, up.weight, down.weight] }

    func forward(_ x: HostTensor) throws(OperatorError) -> (output: HostTensor, saved: Saved) {
        let gated = try gate.forward(x)
        let lifted = try up.forward(x)
        let hidden = try SwiGLU.forward(gate: gated, up: lifted)
        let saved = Saved(x: x, gate: gated, up: lifted, hidden: hidden)
        return (try down.forward(hidden), saved)
    }

    func backward(
        _ dy: HostTensor,
        _ saved: Saved,
        _ deferred: inout DeferredGradients
    ) throws(OperatorError) -> HostTensor {
        let dHidden = try down.backward(dy, input: saved.hidden, &deferred)
        let d = try SwiGLU.inputGradients(dHidden, gate: saved.gate, up: saved.up)
        var dx = try gate.backward(d.gate, input: saved.x, &deferred)
        try Accumulate.add(try up.backward(d.up, input: saved.x, &deferred), to: &dx)
        return dx
    }
}
