import FoundationEssentials
import InfraCore
import Tensors

#if canImport(Glibc)
    import Glibc
#endif

extension Machine {
    /// The machine this program runs on.
    package static let current = Machine(
        contents: contents,
        matches: glob,
        isAccessible: { path, execute in access(path, execute ? X_OK : R_OK | W_OK) == 0 },
        capacityBytes: capacityBytes,
        variables: ProcessInfo.processInfo.environment,
        library: ask,
        multiply: multiplySmallMatrices,
        ioUringSetupErrno: ioUringSetupErrno
    )

    /// Reads to the end of the file. `Data(contentsOf:)` is no use here: a file of /proc says that
    /// its size is zero, and only its first page would come back.
    private static func contents(of path: String) -> String? {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { return nil }
        defer { close(descriptor) }
        var bytes: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 1 << 16)
        while true {
            let count = read(descriptor, &chunk, chunk.count)
            if count < 0 && errno == EINTR { continue }
            guard count >= 0 else { return nil }
            if count == 0 { return String(decoding: bytes, as: UTF8.self) }
            bytes += chunk[..<count]
        }
    }

    private static func glob(_ pattern: String) -> [String] {
        var result = glob_t()
        defer { globfree(&result) }
        guard Glibc.glob(pattern, 0, nil, &result) == 0, let paths = result.gl_pathv else {
            return []
        }
        return (0..<Int(result.gl_pathc)).compactMap { index in
            paths[index].map { String(cString: $0) }
        }
    }

    private static func capacityBytes(_ path: String) -> (total: UInt64, free: UInt64)? {
        var status = statvfs()
        guard statvfs(path, &status) == 0 else { return nil }
        let block = UInt64(status.f_frsize)
        return (UInt64(status.f_blocks) * block, UInt64(status.f_bavail) * block)
    }

    private static func ask(_ probe: LibraryProbe) -> LibraryAnswer {
        let pythonPaths = probe.pythonFolders.flatMap { folder in
            probe.fileNames.flatMap { file in
                pythonPackageFolders.flatMap { glob("\($0)/\(folder)/\(file)") }
            }
        }
        let candidates = probe.fileNames + pythonPaths
        let library: DynamicLibrary
        do {
            library = try DynamicLibrary(openingFirstOf: candidates, remedy: probe.subject.remedy)
        } catch {
            return .absent
        }
        do {
            return .answered(path: library.path, version: try probe.version(library))
        } catch {
            return .broken("\(library.path): \(error)")
        }
    }

    /// Patterns of the folders where pip installs packages.
    private static var pythonPackageFolders: [String] {
        let variables = ProcessInfo.processInfo.environment
        let home = variables["HOME"] ?? ""
        return [
            variables["VIRTUAL_ENV"].map { "\($0)/lib/python3*/site-packages" },
            "\(home)/.local/lib/python3*/site-packages",
            "\(home)/.pyenv/versions/*/lib/python3*/site-packages",
            "/usr/local/lib/python3*/site-packages",
            "/usr/local/lib/python3*/dist-packages",
            "/usr/lib/python3/dist-packages",
            // Where scripts/bootstrap puts what only the tests need.
            ".build/nvrtc",
        ].compactMap(\.self)
    }

    /// [1 2; 3 4] x [5 6; 7 8]: small integers, so that any correct order of sums is exact.
    private static func multiplySmallMatrices() -> ProductAnswer {
        do throws(TensorError) {
            let blas = try BLAS.shared()
            var product = [Float](repeating: -1, count: 4)
            blas.gemm(
                m: 2,
                n: 2,
                k: 2,
                [1, 2, 3, 4],
                lda: 2,
                [5, 6, 7, 8],
                ldb: 2,
                &product,
                ldc: 2
            )
            guard product == [19, 22, 43, 50] else {
                return .wrong(path: blas.path, "\(product)")
            }
            return .right(path: blas.path, configuration: blas.configuration)
        } catch {
            return .unavailable("\(error)")
        }
    }

    /// Asks for a ring with no parameters: EFAULT from a kernel that has io_uring, ENOSYS from one
    /// that has not, EPERM where an administrator switched it off.
    private static func ioUringSetupErrno() -> Int32 {
        // glibc's `syscall` is variadic, which Swift does not import; its arguments are integers,
        // so calling it through a pointer of a fixed type passes them in the same registers.
        typealias SystemCall = @convention(c) (Int, UInt, UnsafeMutableRawPointer?) -> Int
        guard let address = dlsym(nil, "syscall") else { return ENOSYS }
        let ioUringSetup = 425  // the same on every architecture (asm-generic/unistd.h)
        let result = unsafeBitCast(address, to: SystemCall.self)(ioUringSetup, 1, nil)
        return result < 0 ? errno : 0
    }
}
