public import InfraCore

/// FP8 values with one scale a block, as DeepSeek-V3 stores weights and activations
/// (DeepSeek-V3 technical report, section 3.3.2): `x ≈ value * scale`.
///
/// Letters: `M` or `N` rows, `K` columns; leading axes (experts, batches) are matrices of their
/// own. Both tensors are row-major.
///
/// | block | values | scales |
/// |---|---|---|
/// | ``BlockShape/tokenGroup`` | `[..., M, K]` | `[..., M, ceil(K / 128)]` |
/// | ``BlockShape/weightTile`` | `[..., N, K]` | `[..., ceil(N / 128), ceil(K / 128)]` |
///
/// Blocks at the lower and right edges may be smaller. In checkpoints the scales are called
/// `weight_scale_inv`.
public struct BlockQuantizedTensor: Sendable, Equatable {
    /// The quantised values: any floating-point dtype, ``DType/float8E4M3`` when made here.
    public let values: HostTensor
    /// What each block's values are multiplied by: float32 when made here; ``DType/ue8m0`` and
    /// other floating-point dtypes are read too.
    public let scales: HostTensor
    /// The part of `values` that shares a scale.
    public let block: BlockShape

    /// Puts values and scales of a checkpoint together.
    ///
    /// - Parameters:
    ///   - values: `[..., rows, K]`.
    ///   - scales: The shape that ``BlockShape/scaleShape(forValues:)`` gives.
    ///   - block: The part of `values` that shares a scale.
    /// - Throws: ``TensorErrorCode/shapeMismatch`` if the shapes do not fit,
    ///   ``TensorErrorCode/dtypeMismatch`` for integers.
    public init(
        values: HostTensor,
        scales: HostTensor,
        block: BlockShape
    ) throws(TensorError) {
        let expected = block.scaleShape(forValues: values.shape)
        guard values.rank > 0, scales.shape == expected else {
            throw TensorError(
                .shapeMismatch,
                "scales of shape \(scales.shape) do not fit values of shape \(values.shape) in "
                    + "blocks of \(block.rows) x \(block.columns), which need shape \(expected)"
            )
        }
        guard values.dtype.isFloatingPoint, scales.dtype.isFloatingPoint else {
            throw TensorError(
                .dtypeMismatch,
                "values are \(values.dtype.rawValue) and scales \(scales.dtype.rawValue); "
                    + "both must be floating point"
            )
        }
        self.values = values
        self.scales = scales
        self.block = block
    }

    init(checkedValues values: HostTensor, scales: HostTensor, block: BlockShape) {
        self.values = values
        self.scales = scales
        self.block = block
    }
}
