import ArgumentParser
import InfraCore

#if canImport(Glibc)
    import Glibc
#endif

/// Parses, runs, and turns every error into one line on stderr and an exit code:
/// 0 success, 1 failure, 64 wrong usage (sysexits.h EX_USAGE).
@main
enum Main {
    static func main() async {
        // A reader that goes away early (`openinfra ... | head`) must not look like a crash.
        signal(SIGPIPE, SIG_IGN)
        do {
            var command = try OpenInfra.parseAsRoot()
            if var asynchronous = command as? any AsyncParsableCommand {
                try await asynchronous.run()
            } else {
                try command.run()
            }
            try Console.flush()
        } catch {
            exit(report(error))
        }
    }

    /// Prints the error or the help text that `error` stands for.
    ///
    /// - Returns: The exit code.
    private static func report(_ error: any Error) -> Int32 {
        let code = OpenInfra.exitCode(for: error)
        if code == .success {  // --help, --version
            print(OpenInfra.fullMessage(for: error))
            do {
                try Console.flush()
            } catch {
                Console.writeError("openinfra: error: \(error)")
                return 1
            }
            return 0
        }
        if let exit = error as? ExitCode { return exit.rawValue }
        let message = OpenInfra.message(for: error)
            .split(whereSeparator: \.isNewline)
            .map { $0.trimmingPrefix { $0 == " " } }
            .joined(separator: " ")
        Console.writeError("openinfra: error: \(message)")
        return code == .validationFailure ? 64 : 1
    }
}
