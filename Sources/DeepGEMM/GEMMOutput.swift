public import Tensors

/// What a product is stored as.
public enum GEMMOutput: Int, Sendable, Hashable, CaseIterable {
    /// bfloat16, rounded once from FP32.
    case bfloat16 = 0
    /// FP32.
    case float32 = 1
    /// FP32, added to what D holds.
    case accumulatedFloat32 = 2

    /// D's element type.
    public var dtype: DType { self == .bfloat16 ? .bfloat16 : .float32 }
}
