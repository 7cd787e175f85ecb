import Foundation
import Synchronization
import Testing
import openinfra

@Suite("Progress of long work")
struct ProgressTests {
    /// What a progress writes for a series of updates.
    private func written(
        total: Int,
        isInteractive: Bool,
        columns: Int = 80,
        pause: Duration = .zero,
        updates: [Int],
        detail: String = "loss 2.50"
    ) async throws -> String {
        let text = Mutex("")
        var progress = Progress(
            "training",
            total: total,
            isInteractive: isInteractive,
            columns: columns
        ) { part in text.withLock { $0 += part } }
        for update in updates {
            progress.update(update, detail: detail)
            if pause > .zero { try await Task.sleep(for: pause) }
        }
        return text.withLock { $0 }
    }

    @Test("elsewhere than on a terminal: one plain line per tenth, the last one complete")
    func plain() async throws {
        let text = try await written(total: 200, isInteractive: false, updates: Array(0...200))
        let lines = text.split(separator: "\n")
        #expect(lines.count == 10)
        #expect(lines.first == "training  20/200  loss 2.50  0 s")
        #expect(lines.last == "training  200/200  loss 2.50  0 s")
        #expect(!text.contains("\r") && !text.contains("\u{1B}"))
    }

    @Test("fewer steps than tenths: a line a step")
    func fewSteps() async throws {
        let text = try await written(total: 3, isInteractive: false, updates: [1, 2, 3])
        #expect(text.split(separator: "\n").count == 3)
    }

    @Test("on a terminal the line is redrawn, and ends when the work does")
    func bar() async throws {
        let text = try await written(
            total: 4,
            isInteractive: true,
            pause: .milliseconds(120),
            updates: [0, 1, 2, 4]
        )
        let frames = text.components(separatedBy: "\r\u{1B}[K").dropFirst()
        #expect(frames.count == 4)
        #expect(frames.map { $0.filter { $0 == "█" }.count } == [0, 7, 15, 30])
        #expect(frames.allSatisfy { $0.filter { $0 == "█" || $0 == "░" }.count == 30 })
        #expect(text.hasSuffix("\n") && text.filter { $0 == "\n" }.count == 1)
    }

    @Test("redrawing is limited, but the end is always shown")
    func limited() async throws {
        let text = try await written(total: 1000, isInteractive: true, updates: Array(0...1000))
        let frames = text.components(separatedBy: "\r").dropFirst()
        #expect(frames.count < 100)
        #expect(frames.last?.contains("1000/1000") == true)
    }

    @Test("a bar never wraps on a narrow terminal", arguments: [1, 10, 40])
    func narrow(columns: Int) async throws {
        let text = try await written(
            total: 1,
            isInteractive: true,
            columns: columns,
            updates: [1]
        )
        let line = text.replacingOccurrences(of: "\r\u{1B}[K", with: "").dropLast()
        #expect(line.count <= max(columns - 1, 1))
    }

    @Test("a narrow terminal shortens the bar before it cuts the figures")
    func narrowBar() async throws {
        let text = try await written(total: 9, isInteractive: true, columns: 50, updates: [9])
        #expect(text.contains("9/9  loss 2.50  0 s\n"))
        #expect(text.filter { $0 == "█" }.count == 18)
    }

    @Test("a command on a terminal draws a bar, in a pipe it prints lines")
    func terminalAndPipe() throws {
        let folder = try TemporaryFolder()
        let source = try String(contentsOfFile: #filePath, encoding: .utf8)
        try folder.write(String(repeating: source, count: 40), to: "corpus.txt")
        let options = "--corpus corpus.txt --steps 2 --fresh --out out"
        let command = "\"$openinfra\" quickstart \(options)"

        let terminal = try ProgramRun(
            shell: "script -qec 'stty cols 90; \(command)' /dev/null",
            directory: folder.path
        )
        #expect(terminal.exitCode == 0, "\(terminal)")
        let frames = terminal.standardOutput.components(separatedBy: "\r\u{1B}[K").dropFirst()
        #expect(frames.count == 2, "\(terminal)")
        for frame in frames {
            let line = frame.prefix { !$0.isNewline }
            #expect(line.contains("█") && line.count < 90, "\(line)")
        }

        let pipe = try ProgramRun(shell: "\(command) 2>&1 >/dev/null | cat", directory: folder.path)
        #expect(pipe.standardOutput.contains("training  2/2"), "\(pipe)")
        #expect(!pipe.standardOutput.contains("\r") && !pipe.standardOutput.contains("█"))
    }

    @Test("steps outside the work do not break the bar", arguments: [-5, 0, 7, 1_000])
    func outside(done: Int) async throws {
        let text = try await written(total: 5, isInteractive: true, updates: [done])
        #expect(text.contains("\(min(max(done, 0), 5))/5"))
    }

    @Test("work without steps counts as one step")
    func empty() async throws {
        #expect(try await written(total: 0, isInteractive: true, updates: [1]).contains("1/1"))
    }

    @Test("after two seconds the time that is left is estimated")
    func estimate() async throws {
        let text = try await written(
            total: 4,
            isInteractive: true,
            pause: .milliseconds(2100),
            updates: [1, 2]
        )
        #expect(text.contains("s left"))
    }
}
