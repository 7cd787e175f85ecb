import InfraCore

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
