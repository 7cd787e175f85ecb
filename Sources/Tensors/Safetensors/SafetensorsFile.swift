public import InfraCore

/// A safetensors file, mapped into memory.
///
/// Opening reads and validates the header only; a tensor's pages are read when its elements are
/// first touched, and processes that map the same file share them. Tensors keep the mapping
/// alive after this value is gone.
///
/// A file must not be cut short while it is mapped: the kernel answers access to a lost page
/// with SIGBUS. ``SafetensorsWriter`` never does that; it replaces files whole.
public struct SafetensorsFile: Sendable {
    /// The path the file was opened under.
    public let path: String
    private let mapping: AlignedBytes
    private let header: SafetensorsHeader
    private let dataStart: Int

    /// Maps a file and validates its header.
    ///
    /// - Parameter path: The file.
    /// - Throws: ``TensorErrorCode/fileFailure`` if it cannot be read,
    ///   ``TensorErrorCode/malformedFile`` if it breaks a rule of the format: a header longer than
    ///   100 MB or than the file, JSON that is invalid or repeats a key, an unknown dtype, a range
    ///   that does not match dtype and shape, ranges that overlap, leave holes or miss the
    ///   file's end.
    public init(path: String) throws(TensorError) {
        self.path = path
        mapping = try MappedFile.map(path)
        do throws(TensorError) {
            let bytes = mapping.bytes
            guard bytes.count >= 8 else {
                throw TensorError(
                    .malformedFile,
                    "the file has \(bytes.count) bytes; the header's length alone takes 8"
                )
            }
            let length = UInt64(littleEndian: bytes.loadUnaligned(as: UInt64.self))
            guard length <= SafetensorsHeader.maximumByteCount else {
                throw TensorError(
                    .malformedFile,
                    "the header's length is \(length); at most "
                        + "\(SafetensorsHeader.maximumByteCount) bytes are allowed"
                )
            }
            dataStart = 8 + Int(length)
            guard dataStart <= bytes.count else {
                throw TensorError(
                    .malformedFile,
                    "the header's length is \(length), but only \(bytes.count - 8) bytes follow"
                )
            }
            header = try SafetensorsHeader(
                parsing: UnsafeRawBufferPointer(rebasing: bytes[8..<dataStart]),
                dataByteCount: bytes.count - dataStart
            )
        } catch {
            throw TensorError(error.code, "\(path): \(error.message)", cause: error.cause)
        }
    }

    /// The names of all tensors, in the order of their data.
    public var names: [String] { header.entries.map(\.name) }

    /// What the header says of each tensor, in the order of their data.
    public var entries: [SafetensorsEntry] { header.entries }

    /// The free-form strings stored with the tensors.
    public var metadata: [String: String] { header.metadata }

    /// What the header says of one tensor, or `nil` if the file has none of that name.
    public func entry(named name: String) -> SafetensorsEntry? {
        header.indices[name].map { header.entries[$0] }
    }

    /// One tensor.
    ///
    /// - Parameter name: The tensor's name.
    /// - Returns: A view of the mapping if the elements are aligned to their width there, as
    ///   they are in files of the reference library and of ``SafetensorsWriter``; a copy
    ///   otherwise. Views are aligned to the element's width only.
    /// - Throws: ``TensorErrorCode/missingTensor``, or ``TensorErrorCode/dtypeMismatch`` for a
    ///   dtype that ``DType`` lacks.
    public func tensor(named name: String) throws(TensorError) -> HostTensor {
        guard let entry = entry(named: name) else {
            throw TensorError(
                .missingTensor,
                "\(path) holds no tensor \(name); it holds \(header.entries.count), such as "
                    + header.entries.prefix(3).map(\.name).joined(separator: ", ")
            )
        }
        guard let dtype = entry.dtype else {
            throw TensorError(
                .dtypeMismatch,
                "tensor \(name) of \(path) is \(entry.dtypeName); this package reads "
                    + DType.allCases.map(\.rawValue).joined(separator: ", ")
            )
        }
        let offset = dataStart + entry.byteRange.lowerBound
        if offset.isMultiple(of: dtype.byteCount) {
            return try HostTensor(
                storage: mapping,
                byteOffset: offset,
                shape: entry.shape,
                dtype: dtype
            )
        }
        let copy = AlignedBytes(byteCount: entry.byteRange.count, zeroed: false)
        copy.base.copyMemory(from: mapping.base + offset, byteCount: copy.byteCount)
        return try HostTensor(storage: copy, shape: entry.shape, dtype: dtype)
    }
}
