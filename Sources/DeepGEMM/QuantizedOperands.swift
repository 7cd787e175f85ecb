public import InfraCore
public import Tensors

/// Left operand of an FP8 product: e4m3 values `[..., M, K]`, one float32 scale for each row and 128
/// columns. A type of its own, so that operands cannot be exchanged.
public struct QuantizedRows: Sendable, Equatable {
    /// Values and scales.
    public let tensor: BlockQuantizedTensor

    /// Quantises activations; see `BlockQuantizedTensor` for rounding.
    ///
    /// - Parameter tensor: `[..., M, K]`, any floating-point dtype.
    /// - Throws: A `TensorError` for a scalar.
    public init(quantizing tensor: HostTensor) throws(TensorError) {
        self.tensor = try BlockQuantizedTensor(quantizing: tensor, block: .tokenGroup)
    }

    /// Takes values that are quantised already.
    ///
    /// - Parameter tensor: e4m3 values in 1x128 blocks.
    /// - Throws: ``GEMMErrorCode/dtypeMismatch`` for another dtype or block.
    public init(_ tensor: BlockQuantizedTensor) throws(GEMMError) {
        try Self.require(tensor, .tokenGroup, "A")
        self.tensor = tensor
    }

    static func require(
        _ tensor: BlockQuantizedTensor,
        _ block: BlockShape,
        _ name: String
    ) throws(GEMMError) {
        guard tensor.values.dtype == .float8E4M3, tensor.block == block else {
            throw GEMMError(
                .dtypeMismatch,
                "\(name) is \(tensor.values.dtype.rawValue) in blocks of \(tensor.block.rows)x"
                    + "\(tensor.block.columns); it must be F8_E4M3 in blocks of \(block.rows)x"
                    + "\(block.columns): quantise it with BlockQuantizedTensor(quantizing:block:)"
            )
        }
    }
}

/// Right operand of an FP8 product: e4m3 values `[..., N, K]`, one float32 scale for each 128x128
/// block.
public struct QuantizedBlocks: Sendable, Equatable {
    /// Values and scales.
    public let tensor: BlockQuantizedTensor

    /// Quantises weights; see `BlockQuantizedTensor` for rounding.
    ///
    /// - Parameter tensor: `[..., N, K]`, any floating-point dtype.
    /// - Throws: A `TensorError` for a scalar.
    public init(quantizing tensor: HostTensor) throws(TensorError) {
        self.tensor = try BlockQuantizedTensor(quantizing: tensor, block: .weightTile)
    }

    /// Takes values that are quantised already.
    ///
    /// - Parameter tensor: e4m3 values in 128x128 blocks.
    /// - Throws: ``GEMMErrorCode/dtypeMismatch`` for another dtype or block.
    public init(_ tensor: BlockQuantizedTensor) throws(GEMMError) {
        try QuantizedRows.require(tensor, .weightTile, "B")
        self.tensor = tensor
    }
}
