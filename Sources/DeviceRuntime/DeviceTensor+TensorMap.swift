public import CUDADriver
public import InfraCore
import Tensors

extension DeviceTensor {
    /// Describes a matrix to the copy engine.
    ///
    /// The tensor is read as `[rows, columns]`: all axes but the last together are the rows.
    ///
    /// - Parameters:
    ///   - boxRows: Rows of the box that one copy moves; 1 to 256.
    ///   - boxColumns: Columns of the box; their bytes must be a multiple of 16, and at most the
    ///     swizzle's width.
    ///   - swizzle: The permutation in shared memory.
    ///   - promotion: The fetch size of the second-level cache.
    /// - Returns: The layout; with ``address`` it makes a `TensorMap`.
    /// - Throws: ``DeviceErrorCode/shapeMismatch`` for a scalar.
    public func matrixLayout(
        boxRows: Int,
        boxColumns: Int,
        swizzle: TensorMapLayout.Swizzle,
        promotion: TensorMapLayout.Promotion = .bytes256
    ) throws(DeviceError) -> TensorMapLayout {
        guard let columns = shape.last else {
            throw DeviceError(.shapeMismatch, "a scalar has no rows and columns to map")
        }
        return TensorMapLayout(
            elementType,
            extents: [columns, columns == 0 ? 0 : elementCount / columns],
            byteStrides: [columns * dtype.byteCount],
            box: [boxColumns, boxRows],
            swizzle: swizzle,
            promotion: promotion
        )
    }

    /// What the copy engine calls the elements.
    public var elementType: TensorMapLayout.ElementType {
        switch dtype {
        case .float32: .float32
        case .bfloat16: .bfloat16
        case .float16: .float16
        case .int32: .int32
        case .int64: .int64
        case .float8E4M3, .float8E5M2, .ue8m0, .uint8: .uint8
        }
    }
}
