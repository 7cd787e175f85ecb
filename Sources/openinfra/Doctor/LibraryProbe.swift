import InfraCore

/// How one optional library is found and asked for its version. A later system adds a member.
package struct LibraryProbe: Sendable {
    /// What a finding about the library says.
    package var subject: Subject
    /// File names for the loader, best first.
    package var fileNames: [String]
    /// Folders of Python packages (relative to `site-packages`) where pip puts the library.
    package var pythonFolders: [String] = []
    /// Asks the opened library for its version; it throws ``ProbeFailure`` if it cannot be used.
    var version: @Sendable (DynamicLibrary) throws -> String
}

/// A library is there, but does not do what it is for.
struct ProbeFailure: Error, CustomStringConvertible {
    var description: String
}

extension LibraryProbe {
    /// Every optional library, in the order of the report.
    package static let all = [cudaDriver, nvrtc, nccl, duckDB, rocksDB, foundationDB, fuse]

    /// NVIDIA's driver interface.
    static let cudaDriver = LibraryProbe(
        subject: Subject(
            name: "CUDA driver",
            neededBy: "GPU kernels",
            remedy: "an NVIDIA GPU with its driver (libcuda.so.1)"
        ),
        fileNames: ["libcuda.so.1"],
        version: CUDADriverAnswer.describe
    )

    /// NVIDIA's compiler of CUDA C++ at run time.
    static let nvrtc = LibraryProbe(
        subject: Subject(
            name: "NVRTC",
            neededBy: "compiling GPU kernels (`openinfra kernels compile`)",
            remedy: "pip install nvidia-cuda-nvrtc, or the CUDA toolkit 12 or 13"
        ),
        fileNames: ["libnvrtc.so.13", "libnvrtc.so.12"],
        pythonFolders: ["nvidia/cu13/lib", "nvidia/cuda_nvrtc/lib"]
    ) { library in
        typealias Version =
            @convention(c) (UnsafeMutablePointer<Int32>, UnsafeMutablePointer<Int32>) -> Int32
        var major: Int32 = 0
        var minor: Int32 = 0
        let status = try library.function("nvrtcVersion", as: Version.self)(&major, &minor)
        guard status == 0 else { throw ProbeFailure(description: "nvrtcVersion says \(status)") }
        return "\(major).\(minor)"
    }

    /// NVIDIA's collectives between GPUs.
    static let nccl = LibraryProbe(
        subject: Subject(
            name: "NCCL",
            neededBy: "collectives between hosts' GPUs (planned)",
            remedy: "pip install nvidia-nccl-cu13, or NVIDIA's libnccl2 package"
        ),
        fileNames: ["libnccl.so.2"],
        pythonFolders: ["nvidia/nccl/lib"]
    ) { library in
        typealias Version = @convention(c) (UnsafeMutablePointer<Int32>) -> Int32
        var number: Int32 = 0
        let status = try library.function("ncclGetVersion", as: Version.self)(&number)
        guard status == 0 else { throw ProbeFailure(description: "ncclGetVersion says \(status)") }
        // 2.9 and later: major * 10000 + minor * 100 + patch (nccl.h, NCCL_VERSION).
        return "\(number / 10000).\(number / 100 % 100).\(number % 100)"
    }

    /// The SQL engine below Smallpond.
    static let duckDB = LibraryProbe(
        subject: Subject(
            name: "DuckDB",
            neededBy: "Smallpond (planned)",
            remedy: "libduckdb.so of a DuckDB release, in a folder the loader searches"
        ),
        fileNames: ["libduckdb.so"]
    ) { library in
        typealias Version = @convention(c) () -> UnsafePointer<CChar>?
        return text(try library.function("duckdb_library_version", as: Version.self)())
    }

    /// The key-value store of a 3FS storage target.
    static let rocksDB = LibraryProbe(
        subject: Subject(
            name: "RocksDB",
            neededBy: "3FS chunk metadata (planned)",
            remedy: "apt-get install librocksdb7.8"
        ),
        fileNames: ["librocksdb.so.7.8", "librocksdb.so.8", "librocksdb.so.9", "librocksdb.so"]
    ) { library in
        // Its C interface has no function for the version; the file's name carries it.
        _ = try library.function("rocksdb_open", as: UnsafeMutableRawPointer.self)
        return library.path.replacing("librocksdb.so.", with: "")
    }

    /// The client of the transactional store for 3FS metadata.
    static let foundationDB = LibraryProbe(
        subject: Subject(
            name: "FoundationDB client",
            neededBy: "3FS metadata on many hosts (planned)",
            remedy: "the foundationdb-clients package of a FoundationDB release"
        ),
        fileNames: ["libfdb_c.so"]
    ) { library in
        typealias Version = @convention(c) () -> Int32
        return "API \(try library.function("fdb_get_max_api_version", as: Version.self)())"
    }

    /// File systems in user space.
    static let fuse = LibraryProbe(
        subject: Subject(
            name: "libfuse",
            neededBy: "mounting 3FS (planned)",
            remedy: "apt-get install fuse3"
        ),
        fileNames: ["libfuse3.so.3", "libfuse3.so.4"]
    ) { library in
        typealias Version = @convention(c) () -> UnsafePointer<CChar>?
        return text(try library.function("fuse_pkgversion", as: Version.self)())
    }

    private static func text(_ pointer: UnsafePointer<CChar>?) -> String {
        pointer.map { String(cString: $0) } ?? "unknown version"
    }
}
