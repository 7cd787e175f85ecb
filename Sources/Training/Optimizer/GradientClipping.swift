import Tensors

/// Clipping of the global gradient norm (Pascanu et al., "On the difficulty of training recurrent
/// neural networks", 2013).
enum GradientClipping {
    /// The sum of squares of a gradient, in float64 and in a fixed order.
    static func squaredNorm(_ gradient: HostTensor) -> Double {
        gradient.withUnsafeElements(of: Float.self) { gradient in
            var sums = (0.0, 0.0)
            var i = 0
            while i + 2 <= gradient.count {
                let (a, b) = (Double(gradient[i]), Double(gradient[i + 1]))
                sums.0 += a * a
                sums.1 += b * b
                i += 2
            }
            if i < gradient.count { sums.0 += Double(gradient[i]) * Double(gradient[i]) }
            return sums.0 + sums.1
        }
    }

    /// The factor that brings a norm down to `maximum`; 1 if it is not above.
    static func scale(norm: Double, maximum: Double) -> Float {
        norm > maximum ? Float(maximum / norm) : 1
    }
}
