/// What a safetensors header says about one tensor.
public struct SafetensorsEntry: Sendable, Hashable {
    /// The tensor's name.
    public let name: String
    /// The dtype's name in the file; ``DType`` has fewer than the format.
    public let dtypeName: String
    /// The length of each axis, outermost first.
    public let shape: [Int]
    /// Where the bytes lie, counted from the end of the header.
    public let byteRange: Range<Int>

    /// The dtype, or `nil` if this package has none of that name.
    public var dtype: DType? { DType(rawValue: dtypeName) }
}
