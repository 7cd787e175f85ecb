import Foundation

/// One finished run of the built `openinfra` program: what it printed and how it ended.
///
///     let run = try ProgramRun(["dualpipe", "schedule", "--ranks", "8", "--json"])
///     #expect(run.exitCode == 0, "\(run)")
///     let schedule = try run.decode(Schedule.self)
///
/// The program is the one that the same build put beside the test bundle.
struct ProgramRun: CustomStringConvertible {
    /// The exit status; 128 + the signal's number if a signal ended the program, as in a shell.
    let exitCode: Int32
    let standardOutput: String
    let standardError: String
    /// How long the program ran.
    let duration: Duration
    private let arguments: [String]

    /// The path of the built program.
    static let program: String = {
        let bundle = URL(fileURLWithPath: "/proc/self/exe").resolvingSymlinksInPath()
        return bundle.deletingLastPathComponent().appendingPathComponent("openinfra").path
    }()

    /// Runs `openinfra` and waits for its end.
    ///
    /// - Parameters:
    ///   - arguments: The command line after the program's name.
    ///   - environment: Variables to set beside those of the test; `nil` removes one.
    ///   - stdin: What the program reads; nothing by default.
    ///   - directory: The working directory; the test's own by default.
    ///   - timeout: The program and its children are killed after this long.
    /// - Throws: ``ProgramRunError`` if it cannot be started or takes too long.
    init(
        _ arguments: [String],
        environment: [String: String?] = [:],
        stdin: String = "",
        directory: String? = nil,
        timeout: Duration = .seconds(60)
    ) throws {
        try self.init(
            executable: Self.program,
            arguments: arguments,
            environment: environment,
            stdin: stdin,
            directory: directory,
            timeout: timeout
        )
    }

    /// Runs a line of `bash`, in which `$openinfra` is the program: for pipes and terminals.
    init(
        shell line: String,
        environment: [String: String?] = [:],
        stdin: String = "",
        directory: String? = nil,
        timeout: Duration = .seconds(60)
    ) throws {
        try self.init(
            executable: "/bin/bash",
            arguments: ["-c", line],
            environment: environment.merging(["openinfra": Self.program]) { own, _ in own },
            stdin: stdin,
            directory: directory,
            timeout: timeout
        )
    }

    private init(
        executable: String,
        arguments: [String],
        environment: [String: String?],
        stdin: String,
        directory: String?,
        timeout: Duration
    ) throws {
        self.arguments = arguments
        // posix_spawn has no portable way to change the directory; env(1) has.
        let command =
            (directory.map { ["/usr/bin/env", "-C", $0] } ?? []) + [executable] + arguments
        // Files instead of pipes: a program that prints more than a pipe holds cannot block.
        let folder = try TemporaryFolder()
        try Data(stdin.utf8).write(to: folder.url.appendingPathComponent("in"))
        func path(_ name: String) -> String { folder.url.appendingPathComponent(name).path }

        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        let output = O_WRONLY | O_CREAT | O_TRUNC
        posix_spawn_file_actions_addopen(&actions, 0, path("in"), O_RDONLY, 0)
        posix_spawn_file_actions_addopen(&actions, 1, path("out"), output, 0o600)
        posix_spawn_file_actions_addopen(&actions, 2, path("err"), output, 0o600)

        // A group of its own, so that a time-out reaches the children as well; and signals as a
        // shell would start it with, whatever the test runner ignores or blocks.
        var attributes = posix_spawnattr_t()
        posix_spawnattr_init(&attributes)
        defer { posix_spawnattr_destroy(&attributes) }
        var signals = sigset_t()
        sigemptyset(&signals)
        posix_spawnattr_setsigmask(&attributes, &signals)
        sigfillset(&signals)
        posix_spawnattr_setsigdefault(&attributes, &signals)
        let flags = POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF
        posix_spawnattr_setflags(&attributes, Int16(flags))
        posix_spawnattr_setpgroup(&attributes, 0)

        var variables: [String: String?] = ProcessInfo.processInfo.environment
        variables.merge(environment) { _, own in own }
        let environmentLines = variables.compactMap { key, value in value.map { "\(key)=\($0)" } }

        var process: pid_t = 0
        let start = ContinuousClock.now
        let status = withCStrings(command) { argumentPointers in
            withCStrings(environmentLines) { environmentPointers in
                posix_spawn(
                    &process,
                    command[0],
                    &actions,
                    &attributes,
                    argumentPointers,
                    environmentPointers
                )
            }
        }
        guard status == 0 else {
            throw ProgramRunError(
                description: "cannot start \(command[0]): \(String(cString: strerror(status)))"
            )
        }
        let waitStatus = Self.wait(for: process, until: start + timeout)
        duration = .now - start
        standardOutput = try String(decoding: Data(contentsOf: folder.file("out")), as: UTF8.self)
        standardError = try String(decoding: Data(contentsOf: folder.file("err")), as: UTF8.self)
        guard let waitStatus else {
            throw ProgramRunError(
                description: """
                    \(arguments) ran past \(timeout) and was killed; \
                    stdout: \(standardOutput.suffix(2000)); stderr: \(standardError.suffix(2000))
                    """
            )
        }
        let signal = waitStatus & 0x7f
        exitCode = signal == 0 ? (waitStatus >> 8) & 0xff : 128 + signal
    }

    /// Polls for the end of a process, and kills its group at the deadline.
    private static func wait(for process: pid_t, until end: ContinuousClock.Instant) -> Int32? {
        var status: Int32 = 0
        while true {
            let result = waitpid(process, &status, WNOHANG)
            if result == process { return status }
            if result == -1 && errno != EINTR { return nil }
            if ContinuousClock.now >= end {
                kill(-process, SIGKILL)
                waitpid(process, &status, 0)
                return nil
            }
            usleep(2000)
        }
    }

    /// Decodes the JSON object on stdout.
    func decode<Value: Decodable>(_ type: Value.Type = Value.self) throws -> Value {
        try JSONDecoder().decode(type, from: Data(standardOutput.utf8))
    }

    /// The non-empty lines on stderr; a failing command prints exactly one.
    var errorLines: [Substring] { standardError.split(whereSeparator: \.isNewline) }

    /// Everything a failing test wants to show.
    var description: String {
        """
        \(arguments) -> exit code \(exitCode) after \(duration)
        stdout: \(standardOutput)
        stderr: \(standardError)
        """
    }
}

/// The program could not be started, or ran past its time-out.
struct ProgramRunError: Error, CustomStringConvertible {
    let description: String
}

/// Calls `body` with a null-terminated array of C strings.
private func withCStrings<Result>(
    _ strings: [String],
    _ body: (UnsafePointer<UnsafeMutablePointer<CChar>?>) -> Result
) -> Result {
    var pointers: [UnsafeMutablePointer<CChar>?] = strings.map { strdup($0) }
    defer { for pointer in pointers { free(pointer) } }
    pointers.append(nil)
    return pointers.withUnsafeBufferPointer { buffer in
        guard let base = buffer.baseAddress else { preconditionFailure("never empty") }
        return body(base)
    }
}
