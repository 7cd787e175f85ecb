import CUDADriver
import DeviceRuntime
import InfraCore

#if canImport(Glibc)
    import Glibc
#endif

extension DeviceChecks {
    /// What the first process writes, and what the second writes over it.
    static let marks: (before: UInt8, after: UInt8) = (0x3C, 0xC3)
    private static let byteCount = 4 << 20
    private static let childTimeout = Duration.seconds(60)

    func sharedDescriptor() throws -> String {
        let stream = try gpu.makeStream()
        let shared = try SharedAllocation(gpu.context, byteCount: Self.byteCount)
        let exported = try shared.exportDescriptor()
        defer { close(exported) }
        // The driver's descriptor is closed on exec; a copy is inherited.
        let descriptor = dup(exported)
        try require(descriptor >= 0, "a file descriptor cannot be copied")
        defer { close(descriptor) }
        try exchange(
            shared.range,
            ["--descriptor", "\(descriptor)"],
            on: stream
        )
        return "\(shared.byteCount) bytes written by both processes"
    }

    func sharedHandle() throws -> String {
        let stream = try gpu.makeStream()
        let buffer = try DeviceBuffer(gpu.context, byteCount: Self.byteCount)
        let handle = try buffer.ipcHandle()
        let text = handle.bytes.map { String($0, radix: 16) }.joined(separator: ".")
        try exchange(buffer.range(), ["--handle", text], on: stream)
        return "\(buffer.byteCount) bytes written by both processes"
    }

    /// Writes a mark, lets a second process check and replace it, and checks the new one.
    private func exchange(
        _ range: DeviceRange,
        _ arguments: [String],
        on stream: borrowing CUDAStream
    ) throws {
        try range.fill(Self.marks.before, on: stream)
        try stream.synchronize()
        let common = ["--device", "\(ordinal)", "--byte-count", "\(range.byteCount)"]
        let status = try ChildProcess.run(
            ["device", "peer"] + common + arguments,
            until: Deadline(after: Self.childTimeout)
        )
        try require(status == 0, "the second process ended with \(status)")
        var bytes = [UInt8](repeating: 0, count: range.byteCount)
        try bytes.withUnsafeMutableBytes { try range.download(to: $0, on: stream) }
        try require(
            bytes.allSatisfy { $0 == Self.marks.after },
            "what the second process wrote did not arrive"
        )
    }
}

/// This program, started again.
enum ChildProcess {
    /// Runs it and waits; it inherits all file descriptors that are not closed on exec.
    ///
    /// - Returns: Its exit code, or -1 if a signal ended it.
    static func run(_ arguments: [String], until deadline: Deadline) throws -> Int32 {
        var process: pid_t = 0
        let texts = (["openinfra"] + arguments).map { strdup($0) } + [nil]
        defer { for text in texts { free(text) } }
        let status = posix_spawn(&process, "/proc/self/exe", nil, nil, texts, environ)
        guard status == 0 else {
            throw DeviceChecks.Finding("cannot start this program again: error \(status)")
        }
        var result: Int32 = 0
        while waitpid(process, &result, WNOHANG) == 0 {
            if deadline.hasPassed {
                kill(process, SIGKILL)
                waitpid(process, &result, 0)
                throw DeviceChecks.Finding("the second process did not end in \(deadline.allowed)")
            }
            usleep(1000)
        }
        // The exit code, if no signal ended it (the macros of wait.h are not imported).
        return result & 0x7F == 0 ? (result >> 8) & 0xFF : -1
    }
}
