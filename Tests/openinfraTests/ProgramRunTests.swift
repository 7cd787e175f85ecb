import Foundation
import Testing

@Suite("Running programs from tests")
struct ProgramRunTests {
    @Test("stdin, environment and directory reach the program; both outputs come back")
    func passesEverythingOn() throws {
        let folder = try TemporaryFolder()
        let run = try ProgramRun(
            shell: "cat; echo $OI_SET ${OI_UNSET-none} >&2; pwd; test -x $openinfra; exit 7",
            environment: ["OI_SET": "set", "OI_UNSET": nil],
            stdin: "line\n",
            directory: folder.path
        )
        #expect(run.exitCode == 7)
        #expect(run.standardOutput == "line\n\(folder.path)\n")
        #expect(run.standardError == "set none\n")
    }

    @Test("a signal shows as 128 plus its number")
    func signal() throws {
        #expect(try ProgramRun(shell: "kill -TERM $$").exitCode == 128 + 15)
    }

    @Test("a program that runs too long is killed with its children and reported")
    func timeout() throws {
        let start = ContinuousClock.now
        #expect(throws: ProgramRunError.self) {
            try ProgramRun(shell: "echo begun; sleep 30 & wait", timeout: .milliseconds(200))
        }
        #expect(ContinuousClock.now - start < .seconds(10))
    }

    @Test("more output than a pipe holds does not block")
    func largeOutput() throws {
        let run = try ProgramRun(shell: "head -c 1000000 /dev/zero | tr '\\0' x")
        #expect(run.standardOutput.utf8.count == 1_000_000)
    }
}
