import Foundation
import Testing

@Suite("The program as a whole")
struct ProgramTests {
    @Test("--version prints the program's name and version")
    func version() throws {
        let run = try ProgramRun(["--version"])
        #expect(run.exitCode == 0, "\(run)")
        #expect(run.standardOutput.wholeMatch(of: /openinfra \d+\.\d+\.\d+\n/) != nil, "\(run)")
        #expect(run.standardError.isEmpty)
    }

    @Test(
        "wrong usage exits with 64 and one line on stderr",
        arguments: [["--no-such-option"], ["no-such-command"]]
    )
    func wrongUsage(arguments: [String]) throws {
        let run = try ProgramRun(arguments)
        #expect(run.exitCode == 64, "\(run)")
        #expect(run.errorLines.count == 1, "\(run)")
        #expect(run.standardError.contains(arguments[0].trimmingPrefix("--")), "\(run)")
        #expect(run.standardOutput.isEmpty, "\(run)")
    }
}
