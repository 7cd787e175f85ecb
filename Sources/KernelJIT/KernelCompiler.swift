public import InfraCore
import Synchronization

/// Gives the machine code of kernels: from memory, a bundle, the disk, or the compiler.
///
/// Callers that ask for the same kernel at the same time wait for one compilation. Thread-safe.
public final class KernelCompiler: Sendable {
    /// One kernel's place; its lock makes the others wait while one caller compiles.
    private final class Slot: Sendable {
        let kernel = Mutex<CompiledKernel?>(nil)
    }

    private struct Request: Hashable {
        var variant: KernelVariant
        var architecture: String
    }

    private let slots = Mutex<[Request: Slot]>([:])
    private let bundle: KernelBundle?
    private let disk: DiskCache?
    private let opened = Mutex<NVRTC?>(nil)
    private let open: @Sendable () throws(KernelError) -> NVRTC

    /// Where a kernel came from.
    public enum Origin: String, Sendable, Codable {
        /// This process had it.
        case memory
        /// The bundle had it.
        case bundle
        /// The cache on disk had it.
        case disk
        /// It was compiled.
        case compiler
    }

    /// Creates a source of kernels.
    ///
    /// - Parameters:
    ///   - settings: Where kernels come from and go to.
    /// - Throws: An error if the settings name a bundle that cannot be read. A missing compiler is
    ///   an error only once a kernel needs it.
    public convenience init(_ settings: KernelSettings = .current()) throws(KernelError) {
        let bundle: KernelBundle?
        if let path = settings.bundlePath {
            bundle = try KernelBundle(contentsOf: path)
        } else {
            bundle = nil
        }
        self.init(bundle: bundle, cacheFolder: settings.cacheFolder) { () throws(KernelError) in
            try NVRTC(
                openingFirstOf: NVRTCLocations.candidates(
                    explicitPath: settings.compilerPath,
                    searchPath: settings.searchPath,
                    executable: settings.executable,
                    find: FilePattern.matches
                )
            )
        }
    }

    /// Creates a source of kernels from parts.
    ///
    /// - Parameters:
    ///   - bundle: Compiled kernels to start from.
    ///   - cacheFolder: Where compiled kernels are kept; `nil` for nowhere.
    ///   - open: Opens the compiler; called when a kernel first needs it.
    public init(
        bundle: KernelBundle?,
        cacheFolder: String?,
        open: @escaping @Sendable () throws(KernelError) -> NVRTC
    ) {
        self.bundle = bundle
        disk = cacheFolder.map { DiskCache(folder: $0) }
        self.open = open
    }

    /// The machine code of a kernel.
    ///
    /// - Parameters:
    ///   - variant: The kernel.
    ///   - architecture: What it must run on, such as `sm_90a`.
    /// - Throws: ``KernelErrorCode/compilationFailed`` with the log,
    ///   ``KernelErrorCode/compilerMissing`` or ``KernelErrorCode/compilerFailed``. A cache on disk
    ///   that cannot be written is no error.
    public func kernel(
        _ variant: KernelVariant,
        architecture: String
    ) throws(KernelError) -> CompiledKernel {
        try kernelWithOrigin(variant, architecture: architecture).kernel
    }

    /// The machine code of a kernel, and where it came from.
    ///
    /// - Parameters:
    ///   - variant: The kernel.
    ///   - architecture: What it must run on, such as `sm_90a`.
    /// - Throws: As ``kernel(_:architecture:)``.
    public func kernelWithOrigin(
        _ variant: KernelVariant,
        architecture: String
    ) throws(KernelError) -> (kernel: CompiledKernel, origin: Origin) {
        let request = Request(variant: variant, architecture: architecture)
        let slot = slots.withLock { slots in
            if let slot = slots[request] { return slot }
            let slot = Slot()
            slots[request] = slot
            return slot
        }
        return try slot.kernel.withLock { kept throws(KernelError) in
            if let kept { return (kept, .memory) }
            let (kernel, origin) = try find(variant, architecture: architecture)
            kept = kernel
            return (kernel, origin)
        }
    }

    /// The compiler, opened by the first call.
    ///
    /// - Throws: ``KernelErrorCode/compilerMissing``; the next call tries again.
    public func compiler() throws(KernelError) -> NVRTC {
        try opened.withLock { opened throws(KernelError) in
            if let opened { return opened }
            let compiler = try open()
            opened = compiler
            return compiler
        }
    }

    private func find(
        _ variant: KernelVariant,
        architecture: String
    ) throws(KernelError) -> (CompiledKernel, Origin) {
        let key = KernelKey(variant, architecture: architecture)
        if let kernel = bundle?.kernel(key) { return (kernel, .bundle) }
        let compiler = try compiler()
        if let kernel = disk?.kernel(key, compilerVersion: compiler.version) {
            return (kernel, .disk)
        }
        let kernel = try Self.compile(variant, architecture: architecture, with: compiler)
        // A full disk or a read-only home only costs the next process a compilation.
        try? disk?.store(kernel, as: key)
        return (kernel, .compiler)
    }

    private static func compile(
        _ variant: KernelVariant,
        architecture: String,
        with compiler: NVRTC
    ) throws(KernelError) -> CompiledKernel {
        let options = variant.compilerOptions(architecture: architecture)
        let symbol: String
        let output: CompilerOutput
        switch variant.entry {
        case .symbol(let name):
            output = try compiler.compile(variant.source, options: options)
            symbol = name
        case .expression(let expression):
            output = try compiler.compile(
                variant.source,
                options: options,
                nameExpressions: [expression]
            )
            symbol = output.symbols[expression] ?? expression
        }
        guard let resources = KernelResources(log: output.log, symbol: symbol) else {
            throw KernelError(
                .compilationFailed,
                "\(variant.source.fileName) has no kernel \(symbol) for \(variant.name); declare "
                    + "it extern \"C\" __global__, or ask for it by an expression"
            )
        }
        return CompiledKernel(
            name: variant.name,
            symbol: symbol,
            architecture: architecture,
            compilerVersion: compiler.version,
            resources: resources,
            warnings: output.log.split(whereSeparator: \.isNewline)
                .filter { $0.contains("warning") }.map(String.init),
            image: output.image
        )
    }
}
