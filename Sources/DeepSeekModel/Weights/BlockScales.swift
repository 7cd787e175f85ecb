import InfraCore
import Tensors

/// One factor for each block of a quantised matrix ("DeepSeek-V3 Technical Report", section 3.3.2).
struct BlockScales {
    private let scales: HostTensor
    private let blockRows: Int
    private let blockColumns: Int

    /// Checks that the factors cover the matrix.
    ///
    /// - Parameters:
    ///   - scales: `[ceil(rows / blockRows), ceil(columns / blockColumns)]`, float32.
    ///   - blockSize: Rows and columns of a block.
    ///   - name: The factors' name, for messages.
    ///   - matrix: Rows and columns of the matrix.
    init(
        _ scales: HostTensor,
        blockSize: [Int],
        name: String,
        matrix: [Int]
    ) throws(ModelError) {
        let expected = zip(matrix, blockSize).map { ($0 + $1 - 1) / $1 }
        guard matrix.count == 2, scales.shape == expected else {
            throw ModelError(
                .misshapenTensor,
                "tensor \(name) has shape \(scales.shape); a matrix of shape \(matrix) in blocks "
                    + "of \(blockSize) needs \(expected)"
            )
        }
        self.scales = scales
        (blockRows, blockColumns) = (blockSize[0], blockSize[1])
    }

    /// The matrix, each block multiplied by its factor.
    func apply(to matrix: HostTensor) -> HostTensor {
        var result = matrix
        let (rows, columns) = (matrix.shape[0], matrix.shape[1])
        let scaleColumns = scales.shape[1]
        scales.withUnsafeElements(of: Float.self) { scales in
            result.withUnsafeMutableElements(of: Float.self) { values in
                for row in 0..<rows {
                    let scaleRow = row / blockRows * scaleColumns
                    for column in 0..<columns {
                        values[row * columns + column] *= scales[scaleRow + column / blockColumns]
                    }
                }
            }
        }
        return result
    }
}
