import InfraCore

#if canImport(Glibc)
    import Glibc
#endif

/// A file of `/dev/shm` mapped by every process of a group.
///
/// Each process holds a lock on one byte of the file for as long as it lives. The kernel drops
/// the lock when the process ends in whatever way, which is how the others notice. The file's
/// name goes away as soon as all ranks have joined; the memory goes with the last process.
final class SharedSegment: @unchecked Sendable {
    // @unchecked: shared words are accessed through atomics, ring data by one side at a time.
    let path: String
    let layout: SegmentLayout
    let base: UnsafeMutableRawPointer
    let descriptor: Int32

    static let directory = "/dev/shm"
    static let prefix = "openinfra-"
    /// A segment younger than this may still be waiting for its first lock.
    static let staleAfterSeconds = 60

    private init(path: String, descriptor: Int32, layout: SegmentLayout) throws(TransportError) {
        let address = mmap(
            nil,
            layout.byteCount,
            PROT_READ | PROT_WRITE,
            MAP_SHARED,
            descriptor,
            0
        )
        guard let address, address != MAP_FAILED else {
            let reason = Self.reason
            Glibc.close(descriptor)
            throw TransportError(.sharedMemory, "cannot map segment \(path): \(reason)")
        }
        self.path = path
        self.layout = layout
        self.descriptor = descriptor
        base = address
    }

    deinit {
        munmap(base, layout.byteCount)
        Glibc.close(descriptor)
    }

    /// Makes a segment, after removing those that crashed groups left behind.
    ///
    /// - Parameter hasLauncher: Whether the caller watches over the ranks as long as it lives.
    static func create(
        layout: SegmentLayout,
        hasLauncher: Bool
    ) throws(TransportError) -> SharedSegment {
        removeStale()
        let suffix = String(UInt64.random(in: 0...UInt64.max), radix: 16)
        let path = "\(directory)/\(prefix)\(getpid())-\(suffix)"
        let descriptor = Glibc.open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else {
            throw TransportError(.sharedMemory, "cannot create segment \(path): \(reason)")
        }
        // Reserved at once: writing to a hole of a full /dev/shm would end the process by SIGBUS.
        let status = posix_fallocate(descriptor, 0, off_t(layout.byteCount))
        guard status == 0 else {
            Glibc.close(descriptor)
            Glibc.unlink(path)
            throw TransportError(
                .sharedMemory,
                "cannot reserve \(layout.byteCount) bytes in \(directory): "
                    + "\(String(cString: strerror(status))); make /dev/shm larger or use fewer ranks"
            )
        }
        let segment = try SharedSegment(path: path, descriptor: descriptor, layout: layout)
        segment.store(SegmentLayout.versionOffset, SegmentLayout.version)
        segment.store(SegmentLayout.rankCountOffset, UInt32(layout.rankCount))
        segment.store(SegmentLayout.ringByteCountOffset, UInt32(layout.ringByteCount))
        segment.store(SegmentLayout.hasLauncherOffset, hasLauncher ? 1 : 0)
        if hasLauncher { try segment.lock(layout.rankCount) }
        segment.store(SegmentLayout.magicOffset, SegmentLayout.magic)
        return segment
    }

    /// Maps a segment that another process made.
    static func open(_ path: String) throws(TransportError) -> SharedSegment {
        let descriptor = Glibc.open(path, O_RDWR | O_CLOEXEC)
        guard descriptor >= 0 else {
            throw TransportError(.sharedMemory, "cannot open segment \(path): \(reason)")
        }
        var words = [UInt32](repeating: 0, count: 5)
        let wanted = words.count * 4
        var status = stat()
        guard pread(descriptor, &words, wanted, 0) == wanted, fstat(descriptor, &status) == 0,
            words[0] == SegmentLayout.magic, words[1] == SegmentLayout.version,
            (1...65_536).contains(words[2]), words[3] > 0
        else {
            Glibc.close(descriptor)
            throw TransportError(
                .sharedMemory,
                "\(path) is no segment of this version; start all ranks from one program"
            )
        }
        let layout = SegmentLayout(rankCount: Int(words[2]), ringByteCount: Int(words[3]))
        guard Int(status.st_size) == layout.byteCount else {
            Glibc.close(descriptor)
            throw TransportError(
                .sharedMemory,
                "segment \(path) has \(status.st_size) bytes, but \(layout.rankCount) ranks need "
                    + "\(layout.byteCount)"
            )
        }
        return try SharedSegment(path: path, descriptor: descriptor, layout: layout)
    }

    /// Removes the file's name; the memory stays until the last process ends.
    func unlink() { Glibc.unlink(path) }

    private static var reason: String { String(cString: strerror(errno)) }
}
