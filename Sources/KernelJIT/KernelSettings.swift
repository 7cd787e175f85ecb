import FoundationEssentials

#if canImport(Glibc)
    import Glibc
#endif

/// Where kernels come from and go to, as the environment says. All variables of this module are
/// read here.
public struct KernelSettings: Sendable, Hashable {
    /// A file or folder of NVRTC; `nil` to search.
    public var compilerPath: String?
    /// The folder of compiled kernels; `nil` for no cache on disk.
    public var cacheFolder: String?
    /// A bundle to start from.
    public var bundlePath: String?
    /// The value of `PATH`.
    public var searchPath: String?
    /// The running program's file.
    public var executable: String?

    /// Settings that search nowhere and keep nothing.
    public init() {}

    /// Reads settings.
    ///
    /// - Parameters:
    ///   - environment: `OPENINFRA_NVRTC_PATH`, `OPENINFRA_CACHE_DIR`, `OPENINFRA_KERNEL_BUNDLE`,
    ///     `XDG_CACHE_HOME`, `HOME`, `PATH`.
    ///   - executable: The running program's file; a file beside it that ends `.kernels` is its
    ///     bundle.
    ///   - fileExists: Whether a file exists.
    public init(
        environment: [String: String],
        executable: String?,
        fileExists: (String) -> Bool
    ) {
        func value(_ name: String) -> String? {
            environment[name].flatMap { $0.isEmpty ? nil : $0 }
        }
        compilerPath = value("OPENINFRA_NVRTC_PATH")
        searchPath = value("PATH")
        self.executable = executable
        if let folder = value("OPENINFRA_CACHE_DIR") {
            cacheFolder = "\(folder)/kernels"
        } else if let folder = value("XDG_CACHE_HOME") {
            cacheFolder = "\(folder)/openinfra/kernels"
        } else if let home = value("HOME") {
            cacheFolder = "\(home)/.cache/openinfra/kernels"
        }
        bundlePath = value("OPENINFRA_KERNEL_BUNDLE")
        if bundlePath == nil, let executable, fileExists("\(executable).kernels") {
            bundlePath = "\(executable).kernels"
        }
    }

    /// The settings of this process.
    public static func current() -> KernelSettings {
        var path = [CChar](repeating: 0, count: 4096)
        let length = readlink("/proc/self/exe", &path, path.count - 1)
        let executable =
            length > 0
            ? String(decoding: path.prefix(length).map { UInt8(bitPattern: $0) }, as: UTF8.self)
            : nil
        return KernelSettings(
            environment: ProcessInfo.processInfo.environment,
            executable: executable,
            fileExists: { access($0, R_OK) == 0 }
        )
    }
}
