#if canImport(Glibc)
    import Glibc
#endif

/// A block of memory with one owner count: the storage under host tensors and message payloads.
///
/// Reference semantics let a tensor travel between threads without a copy. Nobody may write to a
/// block that is shared: types built on it copy first (see `HostTensor`).
public final class AlignedBytes: @unchecked Sendable {
    // @unchecked: the bytes are written only by the holder of the single reference.

    /// The first byte; aligned to ``alignment`` when this object allocated it.
    public let base: UnsafeMutableRawPointer
    /// How many bytes are readable from ``base``.
    public let byteCount: Int
    /// Whether writing would fault or change a file: a read-only mapping.
    public let isReadOnly: Bool
    private let release: @Sendable (UnsafeMutableRawPointer) -> Void

    /// Blocks allocated here start at a multiple of this many bytes: a cache line, an AVX-512
    /// register, and what asynchronous I/O of the storage layer is content with.
    public static let alignment = 64

    /// Allocates `byteCount` bytes.
    ///
    /// - Parameters:
    ///   - byteCount: The size; zero is allowed.
    ///   - zeroed: Whether to fill with zeros; otherwise the content is undefined.
    public init(byteCount: Int, zeroed: Bool = true) {
        precondition(byteCount >= 0, "byteCount is \(byteCount); it must not be negative")
        base = .allocate(byteCount: max(byteCount, 1), alignment: Self.alignment)
        if zeroed { memset(base, 0, byteCount) }
        self.byteCount = byteCount
        isReadOnly = false
        release = { $0.deallocate() }
    }

    /// Adopts memory owned by someone else, such as a mapped file.
    ///
    /// - Parameters:
    ///   - base: The first byte.
    ///   - byteCount: The size.
    ///   - isReadOnly: Whether writing is forbidden.
    ///   - release: Called once with `base` when the last reference goes away.
    public init(
        adopting base: UnsafeMutableRawPointer,
        byteCount: Int,
        isReadOnly: Bool,
        release: @escaping @Sendable (UnsafeMutableRawPointer) -> Void
    ) {
        self.base = base
        self.byteCount = byteCount
        self.isReadOnly = isReadOnly
        self.release = release
    }

    deinit { release(base) }

    /// The bytes, for reading.
    public var bytes: UnsafeRawBufferPointer {
        UnsafeRawBufferPointer(start: base, count: byteCount)
    }
}
