/// The dtype names a safetensors file may use, with the width each has on disk.
///
/// A file may hold tensors of types that ``DType`` lacks (`F64`, `BOOL` ...): it still opens, its
/// sizes are still checked, and only reading such a tensor fails.
enum StoredDType {
    /// Bits per element, or `nil` for a name the format does not define.
    static func bitCount(of name: String) -> Int? {
        switch name {
        case "F4": 4
        case "F6_E2M3", "F6_E3M2": 6
        case "BOOL", "U8", "I8", "F8_E4M3", "F8_E5M2", "F8_E8M0", "F8_E4M3FNUZ", "F8_E5M2FNUZ": 8
        case "U16", "I16", "F16", "BF16": 16
        case "U32", "I32", "F32": 32
        case "U64", "I64", "F64", "C64": 64
        default: nil
        }
    }
}

extension DType {
    /// The reference library's order of dtypes: it lays tensors out by this number, largest
    /// first, so that wide elements come first and every tensor is aligned.
    var safetensorsRank: Int {
        switch self {
        case .uint8: 0
        case .float8E5M2: 1
        case .float8E4M3: 2
        case .ue8m0: 3
        case .float16: 4
        case .bfloat16: 5
        case .int32: 6
        case .float32: 7
        case .int64: 8
        }
    }
}
