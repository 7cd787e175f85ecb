import FoundationEssentials
import InfraCore

#if canImport(Glibc)
    import Glibc
#endif

/// Whole files, published so that a reader sees all of one or none.
enum KernelFile {
    /// The bytes of a file; `nil` if it cannot be read.
    static func read(_ path: String) -> [UInt8]? {
        guard let data = FileManager.default.contents(atPath: path) else { return nil }
        return Array(data)
    }

    /// Writes a file under a name of its own, flushes it to the disk, and renames it.
    ///
    /// - Throws: ``KernelErrorCode/fileFailure``; no partial file is left behind.
    static func publish(_ bytes: [UInt8], at path: String) throws(KernelError) {
        let temporary = "\(path).\(getpid()).\(UInt64.random(in: 0 ... .max)).tmp"
        let descriptor = open(temporary, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o644)
        guard descriptor >= 0 else { throw failure("create", temporary) }
        var isPublished = false
        defer { if !isPublished { unlink(temporary) } }
        do throws(KernelError) {
            try write(bytes, to: descriptor, temporary)
            guard fsync(descriptor) == 0 else { throw failure("flush", temporary) }
        } catch {
            close(descriptor)
            throw error
        }
        guard close(descriptor) == 0 else { throw failure("close", temporary) }
        guard rename(temporary, path) == 0 else { throw failure("rename", temporary) }
        isPublished = true
    }

    private static func write(
        _ bytes: [UInt8],
        to descriptor: Int32,
        _ path: String
    ) throws(KernelError) {
        var offset = 0
        while offset < bytes.count {
            let written = bytes.withUnsafeBytes {
                Glibc.write(descriptor, $0.baseAddress.map { $0 + offset }, bytes.count - offset)
            }
            if written < 0, errno == EINTR { continue }
            guard written > 0 else { throw failure("write", path) }
            offset += written
        }
    }

    private static func failure(_ action: String, _ path: String) -> KernelError {
        KernelError(.fileFailure, "cannot \(action) \(path): \(String(cString: strerror(errno)))")
    }
}
