import FoundationEssentials
import InfraCore

#if canImport(Glibc)
    import Glibc
#endif

/// A process that this one started.
struct ChildProcess: Hashable, Sendable {
    let id: pid_t

    /// How a process ended.
    enum Ending: Hashable {
        case exited(code: Int32)
        case killed(signal: Int32)
    }

    /// Starts a program with this process's environment and more.
    ///
    /// - Throws: ``TransportErrorCode/launchFailure``.
    static func start(
        executable: String,
        arguments: [String],
        variables: [String: String]
    ) throws(TransportError) -> ChildProcess {
        let environment = ProcessInfo.processInfo.environment.merging(variables) { $1 }
        var id = pid_t()
        let status = withCStrings([executable] + arguments) { argv in
            withCStrings(environment.map { "\($0.key)=\($0.value)" }) { envp in
                posix_spawn(&id, executable, nil, nil, argv, envp)
            }
        }
        guard status == 0 else {
            throw TransportError(
                .launchFailure,
                "cannot start \(executable): \(String(cString: strerror(status)))"
            )
        }
        return ChildProcess(id: id)
    }

    /// Blocks until the process has ended.
    func wait() -> Ending {
        var status: Int32 = 0
        while waitpid(id, &status, 0) < 0 {
            if errno != EINTR { return .exited(code: -1) }
        }
        let signal = status & 0x7F
        return signal == 0 ? .exited(code: status >> 8 & 0xFF) : .killed(signal: signal)
    }

    /// Ends the process at once.
    func kill() { _ = Glibc.kill(id, SIGKILL) }

    /// A null-terminated list of C strings, valid during the call.
    private static func withCStrings<Result>(
        _ strings: [String],
        _ body: (UnsafePointer<UnsafeMutablePointer<CChar>?>) -> Result
    ) -> Result {
        var pointers: [UnsafeMutablePointer<CChar>?] = strings.map { strdup($0) }
        pointers.append(nil)
        defer { for pointer in pointers { free(pointer) } }
        return pointers.withUnsafeBufferPointer { buffer in
            guard let base = buffer.baseAddress else { preconditionFailure("never empty") }
            return body(base)
        }
    }
}
