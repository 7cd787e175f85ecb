import FoundationEssentials
import InfraCore

#if canImport(Glibc)
    import Glibc
#endif

/// A folder of checkpoints, each published whole or not at all.
///
/// A checkpoint is written to `step-N.partial` and renamed to `step-N` when every byte is on
/// disk, so a kill or a power cut at any moment leaves the last good one in place. Leftovers are
/// removed by the next writer.
struct CheckpointStore: Sendable {
    /// The folder.
    let root: String
    /// How many checkpoints are kept.
    static let keptCount = 2

    static let partialSuffix = ".partial"

    /// The folder of the checkpoint after `step` steps.
    func path(step: Int) -> String {
        let digits = String(step)
        return "\(root)/step-" + String(repeating: "0", count: max(0, 8 - digits.count)) + digits
    }

    /// The newest complete checkpoint.
    func newest() -> (step: Int, path: String)? {
        steps().last.map { ($0, path(step: $0)) }
    }

    /// Removes leftovers and makes an empty folder to write a checkpoint to.
    ///
    /// - Returns: The folder, to be given to ``publish(step:)`` when its files are written.
    func begin(step: Int) throws(TrainingError) -> String {
        let partial = path(step: step) + Self.partialSuffix
        do {
            try FileManager.default.createDirectory(
                atPath: root,
                withIntermediateDirectories: true
            )
            for name in try FileManager.default.contentsOfDirectory(atPath: root)
            where name.hasSuffix(Self.partialSuffix) {
                try FileManager.default.removeItem(atPath: "\(root)/\(name)")
            }
            try FileManager.default.createDirectory(
                atPath: partial,
                withIntermediateDirectories: false
            )
        } catch {
            throw TrainingError(.fileFailure, "cannot create \(partial)", cause: error)
        }
        return partial
    }

    /// Makes the checkpoint durable and visible, then removes all but the newest few.
    func publish(step: Int) throws(TrainingError) {
        let final = path(step: step)
        let partial = final + Self.partialSuffix
        do {
            for name in try FileManager.default.contentsOfDirectory(atPath: partial) {
                try Self.synchronize("\(partial)/\(name)")
            }
            try Self.synchronize(partial)
            if FileManager.default.fileExists(atPath: final) {
                try FileManager.default.removeItem(atPath: final)
            }
            try FileManager.default.moveItem(atPath: partial, toPath: final)
            try Self.synchronize(root)
            for old in steps().dropLast(Self.keptCount) {
                try FileManager.default.removeItem(atPath: path(step: old))
            }
        } catch let error as TrainingError {
            throw error
        } catch {
            throw TrainingError(.fileFailure, "cannot publish checkpoint \(final)", cause: error)
        }
    }

    /// The steps of complete checkpoints, oldest first.
    private func steps() -> [Int] {
        let names = (try? FileManager.default.contentsOfDirectory(atPath: root)) ?? []
        return names.compactMap { name in
            name.hasPrefix("step-") ? Int(name.dropFirst("step-".count)) : nil
        }.sorted()
    }

    /// Waits until a file or a folder's entries are on disk.
    private static func synchronize(_ path: String) throws(TrainingError) {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else {
            throw TrainingError(
                .fileFailure,
                "cannot open \(path): \(String(cString: strerror(errno)))"
            )
        }
        defer { close(descriptor) }
        guard fsync(descriptor) == 0 else {
            throw TrainingError(
                .fileFailure,
                "cannot synchronize \(path): \(String(cString: strerror(errno)))"
            )
        }
    }
}
