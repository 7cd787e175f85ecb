import CLinux
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
    private let descriptor: Int32

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

// MARK: - Shared words

extension SharedSegment {
    func word(_ offset: Int) -> UnsafeMutablePointer<UInt32> {
        (base + offset).assumingMemoryBound(to: UInt32.self)
    }

    func load(_ offset: Int) -> UInt32 { oi_atomic_load_u32(word(offset)) }

    func store(_ offset: Int, _ value: UInt32) { oi_atomic_store_u32(word(offset), value) }

    /// Adds to a word and returns what it held.
    func add(_ offset: Int, _ value: UInt32) -> UInt32 { oi_atomic_add_u32(word(offset), value) }

    /// Wakes whoever sleeps on a doorbell.
    func ring(_ offset: Int) {
        _ = add(offset, 1)
        _ = oi_futex_wake(word(offset), Int32.max)
    }

    /// Sleeps until a doorbell rings that has not rung since `seen` was read.
    func sleep(_ offset: Int, seen: UInt32, nanoseconds: UInt64) {
        _ = oi_futex_wait(word(offset), seen, nanoseconds)
    }

    func inboundBell(_ rank: Int) -> Int {
        layout.rankBlock(rank) + SegmentLayout.inboundBellOffset
    }

    func outboundBell(_ rank: Int) -> Int {
        layout.rankBlock(rank) + SegmentLayout.outboundBellOffset
    }

    func state(_ rank: Int) -> SegmentRankState {
        SegmentRankState(rawValue: load(layout.rankBlock(rank) + SegmentLayout.stateOffset))
            ?? .absent
    }

    func setState(_ rank: Int, _ state: SegmentRankState) {
        store(layout.rankBlock(rank) + SegmentLayout.stateOffset, state.rawValue)
    }

    func processOffset(_ rank: Int) -> Int {
        layout.rankBlock(rank) + SegmentLayout.processOffset
    }

    /// Wakes every thread of every rank that sleeps on this segment.
    func ringAll() {
        for rank in 0..<layout.rankCount {
            ring(inboundBell(rank))
            ring(outboundBell(rank))
        }
    }
}

// MARK: - The reason why a group ended

extension SharedSegment {
    /// Leaves the reason for everyone to read; the first one wins.
    func publishAbort(_ reason: String) {
        if add(SegmentLayout.abortClaimOffset, 1) == 0 {
            let text = Array(reason.utf8.prefix(SegmentLayout.abortTextByteCount))
            text.withUnsafeBytes { source in
                guard let start = source.baseAddress else { return }
                (base + SegmentLayout.abortTextOffset).copyMemory(
                    from: start,
                    byteCount: source.count
                )
            }
            store(SegmentLayout.abortByteCountOffset, UInt32(text.count))
            store(SegmentLayout.abortReadyOffset, 1)
        }
        ringAll()
    }

    /// The reason, once one was left.
    var abortReason: String? {
        guard load(SegmentLayout.abortReadyOffset) == 1 else { return nil }
        let count = min(
            Int(load(SegmentLayout.abortByteCountOffset)),
            SegmentLayout.abortTextByteCount
        )
        let text = UnsafeRawBufferPointer(
            start: base + SegmentLayout.abortTextOffset,
            count: count
        )
        return String(decoding: text, as: UTF8.self)
    }
}

// MARK: - Signs of life

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
    private static func removeStale() {
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
