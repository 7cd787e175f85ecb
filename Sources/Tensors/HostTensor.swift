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
    package private(set) var storage: AlignedBytes
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

    private init(
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

// MARK: - Views

extension HostTensor {
    /// The same elements under another shape.
    ///
    /// - Parameter shape: The new shape, holding as many elements; one axis may be -1, which
    ///   stands for whatever is left.
    /// - Returns: A view, or a copy if the elements are not contiguous.
    /// - Throws: ``TensorErrorCode/shapeMismatch`` if the counts differ.
    public func reshaped(to shape: [Int]) throws(TensorError) -> HostTensor {
        var resolved = shape
        if let wildcard = shape.firstIndex(of: -1) {
            let known = shape.enumerated().reduce(1) {
                $1.offset == wildcard ? $0 : $0 * $1.element
            }
            resolved[wildcard] = known == 0 ? 0 : elementCount / known
        }
        guard resolved.allSatisfy({ $0 >= 0 }), resolved.reduce(1, *) == elementCount else {
            throw TensorError(
                .shapeMismatch,
                "cannot view shape \(self.shape) (\(elementCount) elements) as \(shape)"
            )
        }
        let source = contiguous()
        return HostTensor(
            dtype: dtype,
            shape: resolved,
            strides: Self.rowMajorStrides(resolved),
            storage: source.storage,
            byteOffset: source.byteOffset
        )
    }

    /// A view with two axes exchanged.
    public func transposed(_ first: Int = 0, _ second: Int = 1) -> HostTensor {
        precondition(
            shape.indices.contains(first) && shape.indices.contains(second),
            "axes \(first) and \(second) are not both axes of shape \(shape)"
        )
        var shape = shape
        var strides = strides
        shape.swapAt(first, second)
        strides.swapAt(first, second)
        return HostTensor(
            dtype: dtype,
            shape: shape,
            strides: strides,
            storage: storage,
            byteOffset: byteOffset
        )
    }

    /// A view of `count` neighbours along one axis.
    ///
    /// - Throws: ``TensorErrorCode/outOfRange`` if the range leaves the axis.
    public func slice(axis: Int, from start: Int, count: Int) throws(TensorError) -> HostTensor {
        guard shape.indices.contains(axis), start >= 0, start <= shape[axis], count >= 0,
            count <= shape[axis] - start
        else {
            throw TensorError(
                .outOfRange,
                "slice of \(count) from \(start) along axis \(axis) leaves shape \(shape)"
            )
        }
        var sliced = shape
        sliced[axis] = count
        return HostTensor(
            dtype: dtype,
            shape: sliced,
            strides: strides,
            storage: storage,
            byteOffset: byteOffset + start * strides[axis] * dtype.byteCount
        )
    }
}

// MARK: - Elements

extension HostTensor {
    /// Reads the elements of a contiguous tensor in row-major order.
    ///
    /// - Parameters:
    ///   - type: The Swift type of ``dtype``; another one is a caller's bug and traps.
    ///   - body: Receives the elements; the pointer is valid during the call only.
    /// - Returns: What `body` returns.
    public func withUnsafeElements<Element: TensorElement, Result, Failure: Error>(
        of type: Element.Type = Element.self,
        _ body: (UnsafeBufferPointer<Element>) throws(Failure) -> Result
    ) throws(Failure) -> Result {
        precondition(
            dtype == Element.dtype,
            "tensor holds \(dtype.rawValue), not \(Element.dtype.rawValue)"
        )
        precondition(isContiguous, "tensor of shape \(shape), strides \(strides) has gaps")
        let pointer = (storage.base + byteOffset).assumingMemoryBound(to: Element.self)
        return try body(UnsafeBufferPointer(start: pointer, count: elementCount))
    }

    /// Writes the elements in row-major order; copies first if the storage is shared.
    ///
    /// - Parameters:
    ///   - type: The Swift type of ``dtype``; another one is a caller's bug and traps.
    ///   - body: Receives the elements; the pointer is valid during the call only.
    /// - Returns: What `body` returns.
    public mutating func withUnsafeMutableElements<Element: TensorElement, Result, Failure: Error>(
        of type: Element.Type = Element.self,
        _ body: (UnsafeMutableBufferPointer<Element>) throws(Failure) -> Result
    ) throws(Failure) -> Result {
        precondition(
            dtype == Element.dtype,
            "tensor holds \(dtype.rawValue), not \(Element.dtype.rawValue)"
        )
        makeUnique()
        let pointer = (storage.base + byteOffset).assumingMemoryBound(to: Element.self)
        return try body(UnsafeMutableBufferPointer(start: pointer, count: elementCount))
    }

    /// The bytes of a contiguous tensor.
    ///
    /// - Parameter body: Receives the bytes; the pointer is valid during the call only.
    /// - Returns: What `body` returns.
    public func withUnsafeBytes<Result, Failure: Error>(
        _ body: (UnsafeRawBufferPointer) throws(Failure) -> Result
    ) throws(Failure) -> Result {
        precondition(isContiguous, "tensor of shape \(shape), strides \(strides) has gaps")
        return try body(UnsafeRawBufferPointer(start: storage.base + byteOffset, count: byteCount))
    }

    /// Writes the bytes in row-major order; copies first if the storage is shared.
    ///
    /// - Parameter body: Receives the bytes; the pointer is valid during the call only.
    /// - Returns: What `body` returns.
    public mutating func withUnsafeMutableBytes<Result, Failure: Error>(
        _ body: (UnsafeMutableRawBufferPointer) throws(Failure) -> Result
    ) throws(Failure) -> Result {
        makeUnique()
        let start = storage.base + byteOffset
        return try body(UnsafeMutableRawBufferPointer(start: start, count: byteCount))
    }

    /// The elements as an array, in row-major order.
    public func elements<Element: TensorElement>(of type: Element.Type = Element.self) -> [Element]
    {
        contiguous().withUnsafeElements(of: type) { Array($0) }
    }

    private mutating func makeUnique() {
        if isKnownUniquelyReferenced(&storage), !storage.isReadOnly, isContiguous { return }
        let source = contiguous()
        if !isContiguous {
            self = source
            return
        }
        let copy = AlignedBytes(byteCount: byteCount, zeroed: false)
        copy.base.copyMemory(from: source.storage.base + source.byteOffset, byteCount: byteCount)
        self = HostTensor(
            dtype: dtype,
            shape: shape,
            strides: Self.rowMajorStrides(shape),
            storage: copy,
            byteOffset: 0
        )
    }
}
