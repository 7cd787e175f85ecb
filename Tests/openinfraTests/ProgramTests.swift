import Foundation
import Testing

@Suite("The program as a whole")
struct ProgramTests {
    private static let schedule = ["dualpipe", "schedule", "--ranks", "4", "--chunks", "8"]

    @Test("--version prints the program's name and version")
    func version() throws {
        let run = try ProgramRun(["--version"])
        #expect(run.exitCode == 0, "\(run)")
        #expect(run.standardOutput.wholeMatch(of: /openinfra \d+\.\d+\.\d+\n/) != nil, "\(run)")
        #expect(run.standardError.isEmpty)
    }

    @Test(
        "wrong usage: exit code 64 and one line on stderr that names what was found",
        arguments: [
            (["--no-such-option"], "no-such-option"),
            (["no-such-command"], "no-such-command"),
            (["doctor", "--jsn"], "--json"),
            (["doctor", "surplus"], "surplus"),
            (["dualpipe", "schedule", "--ranks"], "--ranks"),
            (["dualpipe", "schedule", "--ranks", "eight"], "eight"),
            (["dualpipe", "schedule", "--kind", "gpipe"], "gpipe"),
            (
                ["dualpipe", "schedule", "--kind", "dualpipe", "--ranks", "7", "--chunks", "20"],
                "--ranks is 7"
            ),
        ]
    )
    func wrongUsage(arguments: [String], named: String) throws {
        let run = try ProgramRun(arguments)
        #expect(run.exitCode == 64, "\(run)")
        #expect(run.errorLines.count == 1, "\(run)")
        #expect(run.standardError.hasPrefix("openinfra: error: "), "\(run)")
        #expect(run.standardError.contains(named), "\(run)")
        #expect(run.standardOutput.isEmpty, "\(run)")
    }

    @Test("without a command the program shows its help", arguments: [[], ["--help"], ["help"]])
    func help(arguments: [String]) throws {
        let run = try ProgramRun(arguments)
        #expect(run.exitCode == 0, "\(run)")
        #expect(run.standardOutput.contains("USAGE: openinfra"), "\(run)")
        #expect(run.standardOutput.contains("openinfra doctor"), "\(run)")
        #expect(run.standardError.isEmpty, "\(run)")
    }

    @Test("every command's help shows an example of that command")
    func examples() throws {
        let dump = try ProgramRun(["--experimental-dump-help"]).decode(CommandDump.self)
        let commands = dump.command.leaves(below: [])
        #expect(commands.count >= 2)
        for path in commands {
            let run = try ProgramRun(Array(path.dropFirst()) + ["--help"])
            #expect(run.exitCode == 0, "\(run)")
            let example = "  " + path.joined(separator: " ")
            #expect(run.standardOutput.contains(example), "no example in: \(run)")
        }
    }

    @Test("examples fit in 80 columns, so that help never breaks a line to be copied")
    func exampleWidths() throws {
        let dump = try ProgramRun(["--experimental-dump-help"]).decode(CommandDump.self)
        let lines = dump.command.discussions.flatMap { $0.split(separator: "\n") }
        let examples = lines.filter { $0.hasPrefix("  openinfra") }
        #expect(examples.count >= 6)
        for example in examples { #expect(example.count <= 80, "\(example)") }
    }

    @Test("the README's table of commands names every command")
    func readme() throws {
        let dump = try ProgramRun(["--experimental-dump-help"]).decode(CommandDump.self)
        let root = URL(fileURLWithPath: #filePath)
            .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
        let text = try String(contentsOf: root.appending(path: "README.md"), encoding: .utf8)
        for path in dump.command.leaves(below: []) {
            #expect(text.contains("| `\(path.joined(separator: " "))`"), "\(path)")
        }
    }

    @Test("every command that prints figures takes --json and prints one object with sorted keys")
    func json() throws {
        let run = try ProgramRun(Self.schedule + ["--json"])
        #expect(run.exitCode == 0, "\(run)")
        #expect(run.standardOutput.hasSuffix("}\n"), "\(run)")
        let object = try JSONSerialization.jsonObject(with: Data(run.standardOutput.utf8))
        #expect(object is [String: Any])
    }

    // MARK: Readers and disks that fail

    @Test("a reader that goes away early is not an error")
    func brokenPipe() throws {
        let command = "\"$openinfra\" dualpipe schedule --ranks 32 --chunks 256 --json"
        let run = try ProgramRun(
            shell: "\(command) | head -c 1 >/dev/null; exit ${PIPESTATUS[0]}"
        )
        #expect(run.exitCode == 0, "\(run)")
        #expect(run.standardError.isEmpty, "\(run)")
    }

    @Test("output that cannot be written is a failure", arguments: ["doctor", "--help"])
    func fullDisk(arguments: String) throws {
        let run = try ProgramRun(shell: "\"$openinfra\" \(arguments) >/dev/full")
        #expect(run.exitCode == 1, "\(run)")
        #expect(run.errorLines.count == 1, "\(run)")
        #expect(run.standardError.contains("cannot write to stdout: No space left"), "\(run)")
    }

    @Test("a file that cannot be written: exit code 1 and one line that names it")
    func unwritableFile() throws {
        let run = try ProgramRun(Self.schedule + ["--svg", "/no/such/folder/x.svg"])
        #expect(run.exitCode == 1, "\(run)")
        #expect(run.errorLines.count == 1, "\(run)")
        #expect(run.standardError.contains("/no/such/folder"), "\(run)")
    }
}

/// What `--experimental-dump-help` prints, as far as it is needed.
private struct CommandDump: Decodable {
    struct Command: Decodable {
        var commandName: String
        var discussion: String?
        var subcommands: [Command]?

        /// The discussions of this command and all below it.
        var discussions: [String] {
            [discussion ?? ""] + (subcommands ?? []).flatMap(\.discussions)
        }

        /// The paths of the commands that do something; `help` is the parser's own.
        func leaves(below path: [String]) -> [[String]] {
            let path = path + [commandName]
            let children = (subcommands ?? []).filter { $0.commandName != "help" }
            return children.isEmpty ? [path] : children.flatMap { $0.leaves(below: path) }
        }
    }
    var command: Command
}
