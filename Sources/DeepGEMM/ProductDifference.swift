public import Tensors

/// How far two tensors are from each other.
public enum ProductDifference {
    /// `1 - 2 <x, y> / (<x, x> + <y, y>)` in binary64: 0 for equal tensors, about half the squared
    /// relative error for near ones, 0 if both are zero; NaN if an element is.
    ///
    /// - Parameters:
    ///   - x: Any dtype.
    ///   - y: Of the same shape.
    /// - Returns: The difference.
    public static func cosine(_ x: HostTensor, _ y: HostTensor) -> Double {
        precondition(x.shape == y.shape, "shapes \(x.shape) and \(y.shape) differ")
        let x = x.converted(to: .float32).contiguous()
        let y = y.converted(to: .float32).contiguous()
        var product = 0.0
        var squares = 0.0
        x.withUnsafeElements(of: Float.self) { x in
            y.withUnsafeElements(of: Float.self) { y in
                for index in x.indices {
                    let (a, b) = (Double(x[index]), Double(y[index]))
                    product += a * b
                    squares += a * a + b * b
                }
            }
        }
        return squares == 0 ? 0 : 1 - 2 * product / squares
    }
}
