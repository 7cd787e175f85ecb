import InfraCore
import Testing

private struct SampleErrorCode: FailureCode {
    static let domain = "Sample"
    let name: String
    static let full = SampleErrorCode(name: "full")
    static let empty = SampleErrorCode(name: "empty")
}

@Suite("Failures")
struct FailureTests {
    @Test("a code is its module's name and its own")
    func codeDescription() {
        #expect(SampleErrorCode.full.description == "Sample.full")
        #expect(SampleErrorCode.full != SampleErrorCode.empty)
    }

    @Test("the description is the message, so that a user reads one sentence")
    func message() {
        let failure = Failure(SampleErrorCode.full, "queue holds 8; at most 8 are allowed")
        #expect("\(failure)" == "queue holds 8; at most 8 are allowed")
    }

    @Test("causes are appended, innermost last")
    func causes() {
        let inner = Failure(SampleErrorCode.empty, "disk is gone")
        let middle = Failure(SampleErrorCode.full, "cannot write", cause: inner)
        let outer = Failure(SampleErrorCode.full, "checkpoint failed", cause: middle)
        #expect("\(outer)" == "checkpoint failed: cannot write: disk is gone")
        #expect((outer.cause as? Failure<SampleErrorCode>)?.code == .full)
    }

    @Test("where it was thrown is kept, without a path of the machine that built it")
    func location() {
        let failure = Failure(SampleErrorCode.full, "x")
        let line = #line - 1
        #expect(failure.line == line)
        #expect(failure.file == "InfraCoreTests/FailureTests.swift")
    }
}
