import Foundation
import Testing

@Suite("openinfra doctor")
struct DoctorCommandTests {
    struct Output: Decodable {
        struct Row: Decodable {
            var name, status, detail, neededBy: String
            var remedy: String?
            var isRequired: Bool
        }
        var findings: [Row]
        var isReady: Bool

        func row(_ name: String) throws -> Row {
            try #require(findings.first { $0.name == name })
        }
    }

    @Test("on this machine: exit code 0, and OpenBLAS has multiplied")
    func table() throws {
        let run = try ProgramRun(["doctor"])
        #expect(run.exitCode == 0, "\(run)")
        #expect(run.standardOutput.contains(#/OpenBLAS +found +libopenblas/#), "\(run)")
        #expect(run.standardError.isEmpty, "\(run)")
    }

    @Test("--json prints one object with every row")
    func json() throws {
        let run = try ProgramRun(["doctor", "--json"])
        let output = try run.decode(Output.self)
        #expect(run.exitCode == 0 && output.isReady, "\(run)")
        #expect(output.findings.count >= 17)
        #expect(try output.row("OpenBLAS").isRequired)
        #expect(try output.row("OpenBLAS").detail.contains("OpenBLAS 0."))
        #expect(try output.row("CPU").status == "found")
        #expect(output.findings.allSatisfy { ($0.status == "found") == ($0.remedy == nil) })
    }

    @Test("without a usable OpenBLAS: exit code 1 and one line that says how to get it")
    func missingOpenBLAS() throws {
        // A file that is no library hides the real one from the loader.
        let folder = try TemporaryFolder()
        try folder.write("not a library", to: "libopenblas.so.0")
        try folder.write("not a library", to: "libopenblas.so")
        let run = try ProgramRun(
            ["doctor", "--json"],
            environment: ["LD_LIBRARY_PATH": folder.path]
        )
        #expect(run.exitCode == 1, "\(run)")
        #expect(run.errorLines.count == 1, "\(run)")
        #expect(run.standardError.contains("apt-get install libopenblas0-pthread"), "\(run)")
        #expect(try !run.decode(Output.self).isReady)
    }

    @Test("a CUDA driver: version, devices and their compute capability are shown")
    func cudaDriver() throws {
        let folder = try TemporaryFolder()
        try StubLibrary.compile(
            """
            #include <string.h>
            int cuInit(unsigned flags) { return flags; }
            int cuDriverGetVersion(int *v) { *v = 13020; return 0; }
            int cuDeviceGetCount(int *n) { *n = 2; return 0; }
            int cuDeviceGet(int *d, int index) { *d = index + 40; return 0; }
            int cuDeviceGetName(char *name, int size, int d) {
                if (d < 40 || size < 16) return 101;
                strcpy(name, "NVIDIA Planted");
                return 0;
            }
            int cuDeviceGetAttribute(int *v, int attribute, int d) {
                *v = attribute == 75 ? 9 : 0;
                return 0;
            }
            """,
            to: "libcuda.so.1",
            in: folder
        )
        let run = try ProgramRun(
            ["doctor", "--json"],
            environment: ["LD_LIBRARY_PATH": folder.path]
        )
        let row = try run.decode(Output.self).row("CUDA driver")
        #expect(row.status == "found")
        let devices = "NVIDIA Planted (9.0), NVIDIA Planted (9.0)"
        #expect(row.detail.hasPrefix("CUDA 13.2, 2 devices: \(devices)"), "\(row)")
    }

    @Test(
        "a driver that does not work is unusable, with its error, and the exit code stays 0",
        arguments: [
            ("int cuInit(unsigned f) { return 100; }", "cuInit returned CUDA error 100"),
            ("int unrelated;", "no function cuInit"),
            (
                """
                int cuInit(unsigned f) { return 0; }
                int cuDriverGetVersion(int *v) { *v = 12040; return 0; }
                int cuDeviceGetCount(int *n) { *n = 0; return 0; }
                """, "CUDA 12.4, but no device"
            ),
        ]
    )
    func brokenDriver(source: String, reason: String) throws {
        let folder = try TemporaryFolder()
        try StubLibrary.compile(source, to: "libcuda.so.1", in: folder)
        let run = try ProgramRun(
            ["doctor", "--json"],
            environment: ["LD_LIBRARY_PATH": folder.path]
        )
        let row = try run.decode(Output.self).row("CUDA driver")
        #expect(run.exitCode == 0, "\(run)")
        #expect(row.status == "unusable")
        #expect(row.detail.contains(reason), "\(row)")
    }

    @Test("NVRTC and NCCL are found where pip puts them")
    func pythonPackages() throws {
        let folder = try TemporaryFolder()
        let packages = "venv/lib/python3.11/site-packages/nvidia"
        try folder.write("", to: "\(packages)/cu13/lib/x")
        try folder.write("", to: "\(packages)/nccl/lib/x")
        try StubLibrary.compile(
            "int nvrtcVersion(int *a, int *b) { *a = 13; *b = 1; return 0; }",
            to: "\(packages)/cu13/lib/libnvrtc.so.13",
            in: folder
        )
        try StubLibrary.compile(
            "int ncclGetVersion(int *v) { *v = 22703; return 0; }",
            to: "\(packages)/nccl/lib/libnccl.so.2",
            in: folder
        )
        let run = try ProgramRun(
            ["doctor", "--json"],
            environment: ["VIRTUAL_ENV": folder.file("venv").path]
        )
        let output = try run.decode(Output.self)
        let nvrtc = folder.file("\(packages)/cu13/lib/libnvrtc.so.13").path
        #expect(try output.row("NVRTC").detail == "13.1, \(nvrtc)", "\(run)")
        #expect(try output.row("NCCL").detail.hasPrefix("2.27.3, "), "\(run)")
    }

    @Test(
        "the other libraries are asked for their version",
        arguments: [
            (
                "DuckDB", "libduckdb.so",
                "const char *duckdb_library_version(void) { return \"v1.5.6\"; }", "v1.5.6"
            ),
            ("RocksDB", "librocksdb.so.7.8", "void rocksdb_open(void) {}", "7.8"),
            (
                "FoundationDB client", "libfdb_c.so",
                "int fdb_get_max_api_version(void) { return 730; }", "API 730"
            ),
            (
                "libfuse", "libfuse3.so.3",
                "const char *fuse_pkgversion(void) { return \"3.14.0\"; }", "3.14.0"
            ),
        ]
    )
    func otherLibraries(name: String, file: String, source: String, version: String) throws {
        let folder = try TemporaryFolder()
        try StubLibrary.compile(source, to: file, in: folder)
        let run = try ProgramRun(
            ["doctor", "--json"],
            environment: ["LD_LIBRARY_PATH": folder.path]
        )
        let row = try run.decode(Output.self).row(name)
        #expect(row.status == "found")
        #expect(row.detail == "\(version), \(file)", "\(row)")
    }
}
