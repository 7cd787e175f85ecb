import InfraCore
import KernelJIT
import SimulatedCUDA
import Testing

@Suite("Settings of the kernel compiler")
struct KernelSettingsTests {
    @Test("the cache lies where the environment says, best word first")
    func cacheFolder() {
        var environment = [
            "HOME": "/h", "XDG_CACHE_HOME": "/x", "OPENINFRA_CACHE_DIR": "/o",
        ]
        func folder() -> String? {
            KernelSettings(environment: environment, executable: nil) { _ in false }.cacheFolder
        }
        #expect(folder() == "/o/kernels")
        environment["OPENINFRA_CACHE_DIR"] = ""
        #expect(folder() == "/x/openinfra/kernels")
        environment["XDG_CACHE_HOME"] = nil
        #expect(folder() == "/h/.cache/openinfra/kernels")
        environment["HOME"] = nil
        #expect(folder() == nil)
    }

    @Test("a bundle is named by the environment or lies beside the program")
    func bundle() {
        func path(_ environment: [String: String], exists: Bool) -> String? {
            KernelSettings(environment: environment, executable: "/bin/oi") { _ in exists }
                .bundlePath
        }
        #expect(path([:], exists: false) == nil)
        #expect(path([:], exists: true) == "/bin/oi.kernels")
        #expect(path(["OPENINFRA_KERNEL_BUNDLE": "/b"], exists: true) == "/b")
    }

    @Test("NVRTC is searched on the loader's path, beside Python, beside the program")
    func locations() {
        let candidates = NVRTCLocations.candidates(
            explicitPath: nil,
            searchPath: "/venv/bin:/usr/games",
            executable: "/src/.build/x86_64/release/openinfra",
            find: { pattern in
                #expect(!pattern.contains("games"))
                return pattern.hasPrefix("/venv") && pattern.contains("cu13")
                    ? ["/venv/libnvrtc.so.13.0.88", "/venv/libnvrtc.so.13"]
                    : pattern.hasPrefix("/src/.build/nvrtc") ? ["/src/libnvrtc.so.13"] : []
            }
        )
        #expect(
            candidates == [
                "libnvrtc.so.13", "libnvrtc.so.12", "/venv/libnvrtc.so.13", "/src/libnvrtc.so.13",
            ]
        )
        func explicit(_ path: String) -> [String] {
            NVRTCLocations.candidates(
                explicitPath: path,
                searchPath: nil,
                executable: nil,
                find: { _ in ["unused"] }
            )
        }
        #expect(explicit("/a/lib.so.13") == ["/a/lib.so.13"])
        #expect(explicit("/a") == ["/a/libnvrtc.so.13", "/a/libnvrtc.so.12"])
    }

    @Test("the assembler's report is read per kernel")
    func resources() throws {
        let log =
            SimulatedCompiler.log + """

                ptxas info    : Compiling entry function 'other' for 'sm_90a'
                ptxas         .     0 bytes stack frame, 0 bytes spill stores, 0 bytes spill loads
                ptxas info    : Used 10 registers, used 0 barriers
                """
        let kernel = try #require(KernelResources(log: log, symbol: "kernel"))
        #expect(kernel.registersPerThread == 42)
        #expect(kernel.stackByteCount == 16)
        #expect(kernel.spillStoreByteCount == 8)
        #expect(kernel.spillLoadByteCount == 4)
        #expect(kernel.staticSharedByteCount == 256)
        #expect(kernel.spills)
        let other = try #require(KernelResources(log: log, symbol: "other"))
        #expect(other.registersPerThread == 10 && !other.spills)
        #expect(KernelResources(log: log, symbol: "kern") == nil)
        #expect(KernelResources(log: "", symbol: "kernel") == nil)
    }
}
