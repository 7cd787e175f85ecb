public import Tensors

#if canImport(Glibc)
    import Glibc
#endif

/// Adam with decoupled weight decay (Loshchilov and Hutter, "Decoupled Weight Decay
/// Regularization", 2019, algorithm 2).
///
/// State and arithmetic are float32; the bias corrections are computed in float64.
public struct AdamW {
    /// The decay of the running mean of gradients.
    public var beta1: Float = 0.9
    /// The decay of the running mean of squared gradients; DeepSeek-V3 uses 0.95.
    public var beta2: Float = 0.95
    /// Added to the root of the second moment.
    public var epsilon: Float = 1e-8
    /// The decoupled decay, multiplied by the learning rate; for parameters that decay.
    public var weightDecay: Float
    /// How many steps were taken.
    public internal(set) var step = 0
    /// The running mean of gradients of each parameter, in the parameters' order.
    public internal(set) var firstMoments: [HostTensor]
    /// The running mean of squared gradients of each parameter, in the parameters' order.
    public internal(set) var secondMoments: [HostTensor]
    /// What is optimised.
    let parameters: [Parameter]

    /// An optimizer with zero moments.
    public init(_ parameters: [Parameter], weightDecay: Float = 0.1) {
        self.parameters = parameters
        self.weightDecay = weightDecay
        firstMoments = parameters.map { HostTensor(zeros: $0.value.shape) }
        secondMoments = parameters.map { HostTensor(zeros: $0.value.shape) }
    }

    /// Moves every parameter against its gradient.
    ///
    /// - Parameters:
    ///   - learningRate: The step size.
    ///   - gradientScale: Multiplies every gradient first; gradient clipping passes its factor.
    public mutating func update(learningRate: Float, gradientScale: Float = 1) {
        step += 1
        let correction1 = Float(1 - pow(Double(beta1), Double(step)))
        let correction2 = Float(1 - pow(Double(beta2), Double(step)))
        for (index, parameter) in parameters.enumerated() {
            let decay = parameter.decays ? 1 - learningRate * weightDecay : 1
            let (b1, b2, epsilon) = (beta1, beta2, epsilon)
            let rate = learningRate / correction1
            parameter.gradient.withUnsafeElements(of: Float.self) { gradient in
                parameter.value.withUnsafeMutableElements(of: Float.self) { value in
                    firstMoments[index].withUnsafeMutableElements(of: Float.self) { m in
                        secondMoments[index].withUnsafeMutableElements(of: Float.self) { v in
                            for i in 0..<gradient.count {
                                let g = gradient[i] * gradientScale
                                m[i] = b1 * m[i] + (1 - b1) * g
                                v[i] = b2 * v[i] + (1 - b2) * g * g
                                let root = (v[i] / correction2).squareRoot() + epsilon
                                value[i] = value[i] * decay - rate * m[i] / root
                            }
                        }
                    }
                }
            }
        }
    }
}
