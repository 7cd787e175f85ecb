#if canImport(Glibc)
    import Glibc
#endif

/// Lists of C strings for calls that take them.
enum CStrings {
    /// Calls `body` with pointers to null-terminated copies of `strings`, freed afterwards.
    static func withPointers<Result>(
        _ strings: [String],
        _ body: (UnsafePointer<UnsafePointer<CChar>?>?) -> Result
    ) -> Result {
        let copies = strings.map { strdup($0) }
        defer { for copy in copies { free(copy) } }
        return copies.map { UnsafePointer($0) }.withUnsafeBufferPointer { body($0.baseAddress) }
    }
}
