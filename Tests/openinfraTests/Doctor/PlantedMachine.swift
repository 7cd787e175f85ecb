import openinfra

extension Machine {
    /// A machine that has everything; a test takes things away.
    static let complete = Machine(
        contents: { path in
            switch path {
            case "/proc/cpuinfo":
                """
                processor\t: 0
                model name\t: Planted CPU
                flags\t\t: fma avx2 avx512f avx512bw avx512vl avx512_bf16 amx_tile amx_bf16
                processor\t: 1
                model name\t: Planted CPU
                """
            case "/proc/meminfo":
                "MemTotal:  16777216 kB\nMemFree: 1 kB\nMemAvailable: 8388608 kB\n"
            case "/proc/sys/kernel/osrelease": "6.18.1\n"
            default: nil
            }
        },
        matches: { [$0] },
        isAccessible: { _, _ in true },
        capacityBytes: { _ in (1 << 30, 3 << 28) },
        variables: ["PATH": "/first:/second"],
        library: { .answered(path: "/lib/\($0.fileNames[0])", version: "1.2.3") },
        multiply: { .right(path: "/lib/libopenblas.so.0", configuration: "OpenBLAS 0.3") },
        ioUringSetupErrno: { 14 }
    )
}

extension Diagnosis {
    /// The finding about one thing.
    subscript(name: String) -> Finding? { findings.first { $0.name == name } }
}
