public import InfraCore

/// Compiled kernels of a whole program in one file: a start with it needs no compiler.
///
/// A kernel is found by source, includes, options and architecture, so a bundle of another version
/// of the program is never used by mistake: what changed is absent from it.
public struct KernelBundle: Sendable {
    private static let magic = Array("OIBUND01".utf8)
    private var kernels: [KernelKey: CompiledKernel] = [:]

    /// An empty bundle.
    public init() {}

    /// How many kernels it holds.
    public var count: Int { kernels.count }

    /// Adds a kernel.
    ///
    /// - Parameters:
    ///   - kernel: The machine code.
    ///   - variant: What it was compiled from, for the kernel's architecture.
    public mutating func add(_ kernel: CompiledKernel, for variant: KernelVariant) {
        kernels[KernelKey(variant, architecture: kernel.architecture)] = kernel
    }

    /// Looks a kernel up.
    func kernel(_ key: KernelKey) -> CompiledKernel? { kernels[key] }

    /// Reads a bundle.
    ///
    /// - Parameter path: The file.
    /// - Throws: ``KernelErrorCode/fileFailure`` or ``KernelErrorCode/malformedBundle``.
    public init(contentsOf path: String) throws(KernelError) {
        guard let bytes = KernelFile.read(path) else {
            throw KernelError(.fileFailure, "cannot read the bundle of kernels \(path)")
        }
        guard let content = KernelRecord.open(bytes, magic: Self.magic) else {
            throw Self.malformed(path)
        }
        var reader = ByteReader(content)
        guard let count = reader.count() else { throw Self.malformed(path) }
        for _ in 0..<count {
            guard let digest = reader.string(), let record = reader.block(),
                let kernel = KernelRecord.decode(record)
            else { throw Self.malformed(path) }
            kernels[KernelKey(digest: digest)] = kernel
        }
    }

    /// Writes the bundle; a reader sees the old file or the new one, never a part.
    ///
    /// - Parameter path: The file.
    /// - Throws: ``KernelErrorCode/fileFailure``.
    public func write(to path: String) throws(KernelError) {
        var writer = ByteWriter()
        writer.append(count: kernels.count)
        // Sorted: the same kernels give the same file.
        for (key, kernel) in kernels.sorted(by: { $0.key.digest < $1.key.digest }) {
            writer.append(string: key.digest)
            writer.append(block: KernelRecord.encode(kernel))
        }
        try KernelFile.publish(KernelRecord.seal(writer.bytes, magic: Self.magic), at: path)
    }

    private static func malformed(_ path: String) -> KernelError {
        KernelError(
            .malformedBundle,
            "\(path) is damaged or no bundle of kernels; make it anew with "
                + "`openinfra kernels compile --out \(path)`"
        )
    }
}
