/// The element types of OpenInfra's tensors.
///
/// Raw values are the names that safetensors files use.
public enum DType: String, Sendable, CaseIterable, Codable {
    /// IEEE 754 binary32.
    case float32 = "F32"
    /// The upper half of a binary32: 8 exponent bits, 7 mantissa bits.
    case bfloat16 = "BF16"
    /// IEEE 754 binary16.
    case float16 = "F16"
    /// OCP FP8 E4M3 (finite and NaN only, largest value 448).
    case float8E4M3 = "F8_E4M3"
    /// OCP FP8 E5M2 (with infinities, largest finite value 57344).
    case float8E5M2 = "F8_E5M2"
    /// OCP microscaling scale: an unsigned power of two, 2^-127 to 2^127.
    case ue8m0 = "F8_E8M0"
    /// Signed 32-bit integer.
    case int32 = "I32"
    /// Signed 64-bit integer.
    case int64 = "I64"
    /// Unsigned 8-bit integer.
    case uint8 = "U8"

    /// Bytes of one element.
    public var byteCount: Int {
        switch self {
        case .int64: 8
        case .float32, .int32: 4
        case .bfloat16, .float16: 2
        case .float8E4M3, .float8E5M2, .ue8m0, .uint8: 1
        }
    }

    /// Whether elements are floating-point numbers.
    public var isFloatingPoint: Bool {
        switch self {
        case .int32, .int64, .uint8: false
        default: true
        }
    }
}

/// A Swift type that is laid out exactly as one element of a tensor.
public protocol TensorElement: BitwiseCopyable, Sendable {
    /// The dtype whose elements have this type.
    static var dtype: DType { get }
}

extension Float: TensorElement {
    /// `.float32`
    public static var dtype: DType { .float32 }
}
extension Float16: TensorElement {
    /// `.float16`
    public static var dtype: DType { .float16 }
}
extension Int32: TensorElement {
    /// `.int32`
    public static var dtype: DType { .int32 }
}
extension Int64: TensorElement {
    /// `.int64`
    public static var dtype: DType { .int64 }
}
extension UInt8: TensorElement {
    /// `.uint8`
    public static var dtype: DType { .uint8 }
}
