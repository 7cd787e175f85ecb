import FoundationEssentials
import InfraCore

/// Compiled kernels in a folder that processes share: one file each, named by its key and the
/// compiler's version. Damaged files count as absent.
struct DiskCache: Sendable {
    /// Where the files lie.
    let folder: String

    /// Looks a kernel up.
    func kernel(_ key: KernelKey, compilerVersion: String) -> CompiledKernel? {
        KernelFile.read(path(key, compilerVersion)).flatMap(KernelRecord.decode)
    }

    /// Publishes a kernel.
    ///
    /// - Throws: ``KernelErrorCode/fileFailure``.
    func store(_ kernel: CompiledKernel, as key: KernelKey) throws(KernelError) {
        do {
            try FileManager.default.createDirectory(
                atPath: folder,
                withIntermediateDirectories: true
            )
        } catch {
            throw KernelError(.fileFailure, "cannot create the folder \(folder)", cause: error)
        }
        try KernelFile.publish(
            KernelRecord.encode(kernel),
            at: path(key, kernel.compilerVersion)
        )
    }

    private func path(_ key: KernelKey, _ compilerVersion: String) -> String {
        "\(folder)/\(key.digest)-nvrtc\(compilerVersion).kernel"
    }
}
