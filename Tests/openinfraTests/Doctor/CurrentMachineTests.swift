import Foundation
import Testing
import openinfra

@Suite("Probes of the machine the tests run on")
struct CurrentMachineTests {
    @Test("files of /proc are read to their end, not to their first page")
    func wholeFile() throws {
        let text = try #require(Machine.current.contents("/proc/self/smaps"))
        #expect(text.utf8.count > 100_000)
        #expect(text.contains("[stack]"))
    }

    @Test("every core is counted")
    func cores() throws {
        let run = try ProgramRun(shell: "grep -c '^processor' /proc/cpuinfo")
        let count = try #require(Int(run.standardOutput.trimmingCharacters(in: .newlines)))
        let finding = Diagnosis(of: .current)["CPU"]
        #expect(
            finding?.detail.contains(", \(count) core") == true,
            "\(String(describing: finding))"
        )
    }

    @Test("what is not there is nil or empty, not a crash")
    func absent() {
        #expect(Machine.current.contents("/no/such/file") == nil)
        #expect(Machine.current.contents("/proc") == nil)
        #expect(Machine.current.matches("/no/such/*").isEmpty)
        #expect(Machine.current.capacityBytes("/no/such/folder") == nil)
        #expect(!Machine.current.isAccessible("/no/such/file", false))
    }

    @Test("patterns are expanded in order")
    func patterns() throws {
        let folder = try TemporaryFolder()
        for name in ["b.x", "a.x", "c.y"] { try folder.write("", to: name) }
        let matches = Machine.current.matches("\(folder.path)/*.x")
        #expect(matches == [folder.file("a.x").path, folder.file("b.x").path])
    }
}
