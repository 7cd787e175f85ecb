import InfraCore

#if canImport(Glibc)
    import Glibc
#endif

/// Maps files into memory for reading.
enum MappedFile {
    /// Maps a whole file; pages are read when they are first touched.
    ///
    /// - Parameter path: A regular file.
    /// - Returns: The bytes, unmapped with the last reference; empty for an empty file.
    static func map(_ path: String) throws(TensorError) -> AlignedBytes {
        // Without O_NONBLOCK, opening a named pipe would wait for a writer.
        let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
        guard descriptor >= 0 else { throw TensorError(systemCall: "open", path: path) }
        // The mapping outlives the descriptor.
        defer { close(descriptor) }
        var status = stat()
        guard fstat(descriptor, &status) == 0 else {
            throw TensorError(systemCall: "fstat", path: path)
        }
        guard status.st_mode & S_IFMT == S_IFREG else {
            throw TensorError(.fileFailure, "\(path) is no regular file; only those can be mapped")
        }
        let byteCount = Int(status.st_size)
        if byteCount == 0 { return AlignedBytes(byteCount: 0) }
        guard let base = mmap(nil, byteCount, PROT_READ, MAP_PRIVATE, descriptor, 0),
            base != MAP_FAILED
        else { throw TensorError(systemCall: "mmap", path: path) }
        return AlignedBytes(adopting: base, byteCount: byteCount, isReadOnly: true) {
            munmap($0, byteCount)
        }
    }
}

extension TensorError {
    /// The error that the last system call left in `errno`.
    init(systemCall: String, path: String, file: String = #fileID, line: Int = #line) {
        let reason = String(cString: strerror(errno))
        self.init(.fileFailure, "cannot \(systemCall) \(path): \(reason)", file: file, line: line)
    }
}
