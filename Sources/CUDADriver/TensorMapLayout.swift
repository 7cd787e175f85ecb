/// What a ``TensorMap`` describes: a tensor in device memory and the box that one copy moves.
///
/// All lists start with the fastest axis, unlike a tensor's shape.
public struct TensorMapLayout: Sendable, Hashable, CustomStringConvertible {
    /// The type of the elements, as the copy engine names them (`CUtensorMapDataType`).
    public enum ElementType: Int32, Sendable {
        /// One byte: also FP8.
        case uint8 = 0
        /// Unsigned 32-bit integers.
        case uint32 = 2
        /// Signed 32-bit integers.
        case int32 = 3
        /// Signed 64-bit integers.
        case int64 = 5
        /// IEEE binary16.
        case float16 = 6
        /// IEEE binary32.
        case float32 = 7
        /// bfloat16.
        case bfloat16 = 9
        /// binary32, rounded to TF32 on the way.
        case tensorFloat32 = 11

        /// Bytes of one element.
        public var byteCount: Int {
            switch self {
            case .uint8: 1
            case .float16, .bfloat16: 2
            case .uint32, .int32, .float32, .tensorFloat32: 4
            case .int64: 8
            }
        }
    }

    /// How 16-byte chunks are permuted in shared memory, so that the tensor cores read without
    /// bank conflicts (`CUtensorMapSwizzle`).
    public enum Swizzle: Int32, Sendable {
        /// Rows as they are.
        case none = 0
        /// Within 32 bytes.
        case bytes32 = 1
        /// Within 64 bytes.
        case bytes64 = 2
        /// Within 128 bytes.
        case bytes128 = 3

        /// The widest row of a box, in bytes; `nil` for no limit but the box's own.
        public var rowByteCount: Int? {
            switch self {
            case .none: nil
            case .bytes32: 32
            case .bytes64: 64
            case .bytes128: 128
            }
        }
    }

    /// How much the second-level cache fetches at a time (`CUtensorMapL2promotion`).
    public enum Promotion: Int32, Sendable {
        /// What was asked for.
        case none = 0
        /// 64 bytes.
        case bytes64 = 1
        /// 128 bytes.
        case bytes128 = 2
        /// 256 bytes.
        case bytes256 = 3
    }

    /// The type of the elements.
    public var elementType: ElementType
    /// Elements along each axis, fastest first.
    public var extents: [Int]
    /// The distance between neighbours along each axis but the fastest, in bytes.
    public var byteStrides: [Int]
    /// Elements of the box along each axis.
    public var box: [Int]
    /// The permutation in shared memory.
    public var swizzle: Swizzle
    /// The fetch size of the second-level cache.
    public var promotion: Promotion
    /// Whether elements outside the tensor read as NaN instead of zero.
    public var fillsWithNaN: Bool

    /// Describes a tensor and its box.
    ///
    /// - Parameters:
    ///   - elementType: The type of the elements.
    ///   - extents: Elements along each axis, fastest first; one to five axes.
    ///   - byteStrides: One fewer: the distance along each axis but the fastest, in bytes.
    ///   - box: Elements of the box along each axis.
    ///   - swizzle: The permutation in shared memory.
    ///   - promotion: The fetch size of the second-level cache.
    ///   - fillsWithNaN: Whether elements outside the tensor read as NaN instead of zero.
    public init(
        _ elementType: ElementType,
        extents: [Int],
        byteStrides: [Int],
        box: [Int],
        swizzle: Swizzle = .none,
        promotion: Promotion = .bytes256,
        fillsWithNaN: Bool = false
    ) {
        self.elementType = elementType
        self.extents = extents
        self.byteStrides = byteStrides
        self.box = box
        self.swizzle = swizzle
        self.promotion = promotion
        self.fillsWithNaN = fillsWithNaN
    }

    /// All members in one line.
    public var description: String {
        "elementType: \(elementType), extents: \(extents), byteStrides: \(byteStrides), "
            + "box: \(box), swizzle: \(swizzle), promotion: \(promotion)"
    }
}
