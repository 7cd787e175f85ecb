public import InfraCore

/// A shaped, strided array in host memory with value semantics.
///
/// Copies share storage until one of them is written to (copy on write), so passing tensors
/// between threads is cheap and safe. Views made by ``slice(axis:from:count:)``,
/// ``transposed(_:_:)`` and ``reshaped(to:)`` share storage too; writing to a view makes it a
/// tensor of its own.
///
/// Letters used throughout the package: shapes are written `[rows, columns]`, outermost axis
/// first; strides count elements.
public struct HostTensor: Sendable {
    /// The element type.
    public let dtype: DType
    /// The length of each axis, outermost first. Empty for a scalar.
    public let shape: [Int]
    /// The distance between neighbours along each axis, in elements.
    public let strides: [Int]
    /// The shared block of memory.
    package internal(set) var storage: AlignedBytes
    /// Where the first element lies in ``storage``.
    package private(set) var byteOffset: Int

    /// Creates a row-major tensor filled with zeros.
    ///
    /// - Parameters:
    ///   - shape: The length of each axis; none may be negative.
    ///   - dtype: The element type.
    public init(zeros shape: [Int], dtype: DType = .float32) {
        self.init(shape: shape, dtype: dtype, zeroed: true)
    }

    /// Creates a row-major tensor whose content is undefined until written.
    ///
    /// - Parameters:
    ///   - shape: The length of each axis; none may be negative.
    ///   - dtype: The element type.
    public init(uninitialized shape: [Int], dtype: DType = .float32) {
        self.init(shape: shape, dtype: dtype, zeroed: false)
    }

    /// Creates a row-major tensor from elements in row-major order.
    ///
    /// - Parameters:
    ///   - elements: As many values as the shape holds.
    ///   - shape: The length of each axis; `nil` for one axis.
    public init<Element: TensorElement>(_ elements: [Element], shape: [Int]? = nil) {
        let shape = shape ?? [elements.count]
        self.init(shape: shape, dtype: Element.dtype, zeroed: false)
        precondition(
            elementCount == elements.count,
            "shape \(shape) holds \(elementCount) elements, but \(elements.count) were given"
        )
        elements.withUnsafeBytes { source in
            UnsafeMutableRawBufferPointer(start: storage.base, count: storage.byteCount)
                .copyMemory(from: source)
        }
    }

    /// Wraps row-major elements that lie in an existing block, without a copy.
    ///
    /// - Parameters:
    ///   - storage: The block; shared from now on, so a later write copies.
    ///   - byteOffset: Where the first element lies.
    ///   - shape: The length of each axis.
    ///   - dtype: The element type.
    /// - Throws: ``TensorErrorCode/outOfRange`` if the elements do not fit in the block.
    public init(
        storage: AlignedBytes,
        byteOffset: Int = 0,
        shape: [Int],
        dtype: DType
    ) throws(TensorError) {
        guard byteOffset >= 0, byteOffset <= storage.byteCount,
            let byteCount = Self.byteCount(of: shape, dtype),
            byteCount <= storage.byteCount - byteOffset
        else {
            throw TensorError(
                .outOfRange,
                "shape \(shape) of \(dtype.rawValue) at byte \(byteOffset) does not fit in a "
                    + "block of \(storage.byteCount) bytes"
            )
        }
        self.init(
            dtype: dtype,
            shape: shape,
            strides: Self.rowMajorStrides(shape),
            storage: storage,
            byteOffset: byteOffset
        )
    }

    private init(shape: [Int], dtype: DType, zeroed: Bool) {
        precondition(
            shape.allSatisfy { $0 >= 0 },
            "shape \(shape) has a negative axis"
        )
        self.init(
            dtype: dtype,
            shape: shape,
            strides: Self.rowMajorStrides(shape),
            storage: AlignedBytes(
                byteCount: shape.reduce(1, *) * dtype.byteCount,
                zeroed: zeroed
            ),
            byteOffset: 0
        )
    }

    init(
        dtype: DType,
        shape: [Int],
        strides: [Int],
        storage: AlignedBytes,
        byteOffset: Int
    ) {
        self.dtype = dtype
        self.shape = shape
        self.strides = strides
        self.storage = storage
        self.byteOffset = byteOffset
    }

    /// How many elements the tensor holds.
    public var elementCount: Int { shape.reduce(1, *) }

    /// How many bytes its elements take, without gaps.
    public var byteCount: Int { elementCount * dtype.byteCount }

    /// How many axes the tensor has.
    public var rank: Int { shape.count }

    /// Whether the elements lie in row-major order without gaps.
    public var isContiguous: Bool {
        if elementCount == 0 { return true }
        var expected = 1
        for axis in stride(from: rank - 1, through: 0, by: -1) where shape[axis] != 1 {
            guard strides[axis] == expected else { return false }
            expected *= shape[axis]
        }
        return true
    }

    /// The bytes of a shape's elements; `nil` if an axis is negative or the product overflows.
    private static func byteCount(of shape: [Int], _ dtype: DType) -> Int? {
        var total = dtype.byteCount
        for length in shape {
            let (product, overflows) = total.multipliedReportingOverflow(by: length)
            guard length >= 0, !overflows else { return nil }
            total = product
        }
        return total
    }

    static func rowMajorStrides(_ shape: [Int]) -> [Int] {
        var strides = [Int](repeating: 1, count: shape.count)
        for axis in stride(from: shape.count - 2, through: 0, by: -1) {
            strides[axis] = strides[axis + 1] * shape[axis + 1]
        }
        return strides
    }
}
