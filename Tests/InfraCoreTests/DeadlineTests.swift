import InfraCore
import Testing

@Suite("Deadlines")
struct DeadlineTests {
    @Test("a fresh deadline has at most the allowed span left")
    func fresh() {
        let deadline = Deadline(after: .seconds(60))
        #expect(!deadline.hasPassed)
        #expect(deadline.allowed == .seconds(60))
        #expect(deadline.remaining <= .seconds(60))
        #expect(deadline.remaining > .seconds(30))
        #expect(deadline.remainingNanoseconds > 30_000_000_000)
    }

    @Test(
        "a deadline in the past has nothing left, and never a negative span",
        arguments: [Duration.zero, .milliseconds(-1), .seconds(-1000)]
    )
    func past(duration: Duration) {
        let deadline = Deadline(after: duration)
        #expect(deadline.hasPassed)
        #expect(deadline.remaining == .zero)
        #expect(deadline.remainingNanoseconds == 0)
        #expect(deadline.allowed == duration)
    }

    @Test("it passes while time goes by")
    func passes() async throws {
        let deadline = Deadline(after: .milliseconds(5))
        try await Task.sleep(for: .milliseconds(20))
        #expect(deadline.hasPassed)
    }

    @Test("nanoseconds agree with the duration for spans of hours")
    func longSpan() {
        let nanoseconds = Deadline(after: .seconds(36_000)).remainingNanoseconds
        #expect(nanoseconds <= 36_000_000_000_000)
        #expect(nanoseconds > 35_900_000_000_000)
    }
}
