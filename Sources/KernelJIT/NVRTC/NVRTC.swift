package import CCUDA
import CUDADriver
public import InfraCore

#if canImport(Glibc)
    import Glibc
#endif

/// NVIDIA's compiler of CUDA C++, opened at run time. It needs no GPU. Thread-safe.
public final class NVRTC: Sendable {
    let api: oi_nvrtc_api
    /// The file the functions were loaded from.
    public let path: String
    /// The compiler's version, such as `13.0`.
    public let version: String

    /// Opens the compiler.
    ///
    /// - Parameter candidates: File names or paths, best first; see ``NVRTCLocations``.
    /// - Throws: ``KernelErrorCode/compilerMissing``, naming what was tried.
    public convenience init(openingFirstOf candidates: [String]) throws(KernelError) {
        var table = oi_nvrtc_api()
        var count = 0
        let symbols = UnsafeBufferPointer(start: oi_nvrtc_symbols(&count), count: count)
        let library: DynamicLibrary
        do throws(CoreError) {
            library = try DynamicLibrary(
                openingFirstOf: candidates,
                remedy: "pip install nvidia-cuda-nvrtc, or name the folder of libnvrtc.so.13 in "
                    + "OPENINFRA_NVRTC_PATH, or start with a bundle that `openinfra kernels compile "
                    + "--out` made"
            )
            try SymbolTable.fill(&table, with: symbols, from: library)
        } catch {
            throw KernelError(
                .compilerMissing,
                "kernels cannot be compiled without NVRTC",
                cause: error
            )
        }
        Self.openBuiltins(of: table)
        try self.init(api: table, path: library.path)
    }

    /// Adopts a table of functions.
    package init(api: oi_nvrtc_api, path: String = "table") throws(KernelError) {
        self.api = api
        self.path = path
        var major: Int32 = 0
        var minor: Int32 = 0
        let status = api.version(&major, &minor)
        guard status == 0 else {
            throw KernelError(.compilerFailed, "nvrtcVersion returned \(status) (\(path))")
        }
        version = "\(major).\(minor)"
    }

    /// Opens the library of built-in functions beside the compiler.
    ///
    /// The compiler looks it up by its bare name, which only works if its folder is on the loader's
    /// path or if it is already open for everybody: without it, compilations fail with
    /// NVRTC_ERROR_BUILTIN_OPERATION_FAILURE.
    private static func openBuiltins(of table: oi_nvrtc_api) {
        guard let function = table.version else { return }
        let address = unsafeBitCast(function, to: UnsafeRawPointer.self)
        var path = [CChar](repeating: 0, count: 4096)
        guard oi_library_path(address, &path, path.count) == 0 else { return }
        let file = String(
            decoding: path.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) },
            as: UTF8.self
        )
        guard let slash = file.lastIndex(of: "/") else { return }
        for builtins in FilePattern.matches(file[..<slash] + "/libnvrtc-builtins.so.*") {
            if dlopen(builtins, RTLD_NOW | RTLD_GLOBAL) != nil { return }
        }
    }
}
