import InfraCore

#if canImport(Glibc)
    import Glibc
#endif

/// Signs of life: locks that the kernel drops when a process ends.
extension SharedSegment {
    // Open-file-description locks (fcntl(2)): unlike the classic ones they belong to this
    // descriptor, not to the process. glibc names them only under _GNU_SOURCE.
    private static let getLock: Int32 = 36
    private static let setLock: Int32 = 37

    private static func request(_ type: Int32, _ start: Int, _ length: Int) -> Glibc.flock {
        var request = Glibc.flock()
        request.l_type = Int16(type)
        request.l_whence = Int16(SEEK_SET)
        request.l_start = off_t(start)
        request.l_len = off_t(length)
        return request
    }

    /// Takes the lock that says "I live"; byte `rankCount` is the launcher's.
    func lock(_ byte: Int) throws(TransportError) {
        var request = Self.request(Int32(F_WRLCK), byte, 1)
        guard fcntl(descriptor, Self.setLock, &request) == 0 else {
            throw TransportError(
                .sharedMemory,
                "rank \(byte) of segment \(path) is taken by another process"
            )
        }
    }

    /// Gives the lock back, as the kernel does when a process ends.
    func unlock(_ byte: Int) {
        var request = Self.request(Int32(F_UNLCK), byte, 1)
        _ = fcntl(descriptor, Self.setLock, &request)
    }

    /// Whether another process (or descriptor) holds a byte's lock.
    func isLockedElsewhere(_ byte: Int) -> Bool {
        var request = Self.request(Int32(F_WRLCK), byte, 1)
        guard fcntl(descriptor, Self.getLock, &request) == 0 else { return true }
        return Int32(request.l_type) != Int32(F_UNLCK)
    }

    /// Removes segments whose processes have all ended.
    static func removeStale() {
        guard let folder = opendir(directory) else { return }
        defer { closedir(folder) }
        while let entry = readdir(folder) {
            let name = withUnsafeBytes(of: entry.pointee.d_name) {
                String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self)
            }
            guard name.hasPrefix(prefix) else { continue }
            let path = "\(directory)/\(name)"
            let descriptor = Glibc.open(path, O_RDWR | O_CLOEXEC | O_NOFOLLOW)
            guard descriptor >= 0 else { continue }
            defer { Glibc.close(descriptor) }
            var status = stat()
            var lock = request(Int32(F_WRLCK), 0, 0)
            guard fstat(descriptor, &status) == 0,
                time(nil) - status.st_mtim.tv_sec > staleAfterSeconds,
                fcntl(descriptor, getLock, &lock) == 0, Int32(lock.l_type) == Int32(F_UNLCK)
            else { continue }
            Glibc.unlink(path)
        }
    }
}
