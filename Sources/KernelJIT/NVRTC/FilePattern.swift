#if canImport(Glibc)
    import Glibc
#endif

/// File names with wildcards.
enum FilePattern {
    /// The files that match a shell pattern, sorted.
    static func matches(_ pattern: String) -> [String] {
        var found = glob_t()
        defer { globfree(&found) }
        guard glob(pattern, 0, nil, &found) == 0 else { return [] }
        return (0..<Int(found.gl_pathc)).compactMap { index in
            found.gl_pathv[index].map { String(cString: $0) }
        }
    }
}
