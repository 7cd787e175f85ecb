import InfraCore

#if canImport(Glibc)
    import Glibc
#endif

/// A file that replaces another one whole or not at all.
///
/// Bytes go to a temporary file beside the target; ``commit()`` makes them durable and renames
/// the file over the target. Whatever ends the process before that, the target keeps its old
/// content; a kill leaves the temporary file (`.<name>.<random>.tmp`) behind, which nobody reads.
package struct AtomicFile: ~Copyable {
    private let path: String
    private let folder: String
    private let temporaryPath: String
    private let descriptor: Int32
    private var isCommitted = false

    /// Starts a replacement of `path`, which need not exist.
    package init(replacing path: String) throws(TensorError) {
        let slash = path.lastIndex(of: "/")
        let name = slash.map { path[path.index(after: $0)...] } ?? path[...]
        let folder = slash.map { $0 == path.startIndex ? "/" : String(path[..<$0]) } ?? "."
        guard !name.isEmpty else {
            throw TensorError(.fileFailure, "the path \"\(path)\" names no file")
        }
        let token = String(UInt64.random(in: 0 ... .max), radix: 36)
        let temporaryPath = "\(folder)/.\(name).\(token).tmp"
        let descriptor = open(temporaryPath, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o666)
        guard descriptor >= 0 else {
            throw TensorError(systemCall: "create", path: temporaryPath)
        }
        self.path = path
        self.folder = folder
        self.temporaryPath = temporaryPath
        self.descriptor = descriptor
    }

    /// Appends bytes.
    package mutating func write(_ bytes: [UInt8]) throws(TensorError) {
        let error = bytes.withUnsafeBytes { failure(writing: $0) }
        if let error { throw error }
    }

    /// Appends a tensor's elements in row-major order.
    package mutating func write(_ tensor: HostTensor) throws(TensorError) {
        let error = tensor.contiguous().withUnsafeBytes { failure(writing: $0) }
        if let error { throw error }
    }

    /// Makes the bytes durable and puts them in the target's place.
    package consuming func commit() throws(TensorError) {
        guard fsync(descriptor) == 0 else {
            throw TensorError(systemCall: "fsync", path: temporaryPath)
        }
        guard rename(temporaryPath, path) == 0 else {
            throw TensorError(systemCall: "rename to", path: path)
        }
        isCommitted = true
        // The rename itself is durable only when the folder is.
        let folderDescriptor = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard folderDescriptor >= 0 else { throw TensorError(systemCall: "open", path: folder) }
        defer { close(folderDescriptor) }
        guard fsync(folderDescriptor) == 0 else {
            throw TensorError(systemCall: "fsync", path: folder)
        }
    }

    private func failure(writing bytes: UnsafeRawBufferPointer) -> TensorError? {
        var rest = bytes
        while let base = rest.baseAddress, !rest.isEmpty {
            // Linux writes at most 2 GiB at once.
            let written = Glibc.write(descriptor, base, min(rest.count, 1 << 30))
            if written < 0 {
                if errno == EINTR { continue }
                return TensorError(systemCall: "write", path: temporaryPath)
            }
            rest = UnsafeRawBufferPointer(rebasing: rest[written...])
        }
        return nil
    }

    deinit {
        close(descriptor)
        if !isCommitted { unlink(temporaryPath) }
    }
}
