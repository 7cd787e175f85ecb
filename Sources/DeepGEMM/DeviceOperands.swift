public import CUDADriver
public import DeviceRuntime
import Tensors

/// ``QuantizedRows`` on a GPU. The scales are stored by blocks of K, each padded to a multiple of 4
/// rows, which is what the copy engine reads: `[P, ceil(K / 128), align(M, 4)]` for P planes.
public struct DeviceQuantizedRows: Sendable {
    /// e4m3, `[M, K]` or `[P, M, K]`.
    public let values: DeviceTensor
    /// float32, `[P, ceil(K / 128), align(M, 4)]`.
    public let scales: DeviceTensor

    /// Planes, rows, columns.
    var sizes: (planes: Int, rows: Int, columns: Int) { planeSizes(values) }

    /// Room for the quantised form of a tensor.
    ///
    /// - Parameters:
    ///   - shape: `[M, K]` or `[P, M, K]`.
    ///   - context: Where.
    /// - Throws: An error of the device, such as out of memory.
    public init(uninitialized shape: [Int], in context: CUDAContext) throws {
        values = try DeviceTensor(uninitialized: shape, dtype: .float8E4M3, in: context)
        let (planes, rows, columns) = planeSizes(values)
        scales = try DeviceTensor(
            uninitialized: [planes, (columns + 127) / 128, (rows + 3) / 4 * 4],
            dtype: .float32,
            in: context
        )
    }
}

/// ``QuantizedBlocks`` on a GPU.
public struct DeviceQuantizedBlocks: Sendable {
    /// e4m3, `[N, K]` or `[G, N, K]`.
    public let values: DeviceTensor
    /// float32, `[G, ceil(N / 128), ceil(K / 128)]`.
    public let scales: DeviceTensor

    /// Groups, rows, columns.
    var sizes: (planes: Int, rows: Int, columns: Int) { planeSizes(values) }

    /// Room for the quantised form of a tensor.
    ///
    /// - Parameters:
    ///   - shape: `[N, K]` or `[G, N, K]`.
    ///   - context: Where.
    /// - Throws: An error of the device, such as out of memory.
    public init(uninitialized shape: [Int], in context: CUDAContext) throws {
        values = try DeviceTensor(uninitialized: shape, dtype: .float8E4M3, in: context)
        let (planes, rows, columns) = planeSizes(values)
        scales = try DeviceTensor(
            uninitialized: [planes, (rows + 127) / 128, (columns + 127) / 128],
            dtype: .float32,
            in: context
        )
    }
}

/// All axes but the last two together are planes.
func planeSizes(_ tensor: DeviceTensor) -> (planes: Int, rows: Int, columns: Int) {
    let shape = tensor.shape
    return (
        shape.dropLast(2).reduce(1, *), shape.dropLast().last ?? 1, shape.last ?? 1
    )
}
