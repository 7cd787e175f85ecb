internal import Tensors

extension HostTensor {
    /// Reads a contiguous float32 tensor. An empty one has an address too.
    func withFloats<Result>(_ body: (UnsafePointer<Float>) -> Result) -> Result {
        withUnsafeElements(of: Float.self) { body($0.baseAddress.unsafelyUnwrapped) }
    }

    /// Writes a float32 tensor in place.
    mutating func withMutableFloats<Result>(
        _ body: (UnsafeMutablePointer<Float>) -> Result
    ) -> Result {
        withUnsafeMutableElements(of: Float.self) { body($0.baseAddress.unsafelyUnwrapped) }
    }

    /// Adds the same row to every row of a `[rows, width]` tensor.
    mutating func addToRows(_ row: HostTensor) {
        let width = row.elementCount
        let rows = elementCount / max(width, 1)
        row.withFloats { bias in
            withMutableFloats { values in
                for index in 0..<rows {
                    for column in 0..<width { values[index * width + column] += bias[column] }
                }
            }
        }
    }
}
