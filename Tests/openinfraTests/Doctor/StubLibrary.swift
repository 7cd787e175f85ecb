import Foundation

/// A shared library compiled from a few lines of C: it stands for one this machine lacks.
enum StubLibrary {
    /// Compiles `source` to `name` in `folder`.
    static func compile(_ source: String, to name: String, in folder: TemporaryFolder) throws {
        let file = try folder.write(source, to: "\(name).c")
        let run = try ProgramRun(
            shell: "gcc -shared -fPIC -o \"$target\" \"$source\"",
            environment: ["source": file, "target": folder.file(name).path]
        )
        guard run.exitCode == 0 else { throw ProgramRunError(description: "\(run)") }
    }
}
