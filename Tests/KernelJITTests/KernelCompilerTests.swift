import Foundation
import InfraCore
import KernelJIT
import SimulatedCUDA
import Synchronization
import Testing

@Suite("Where kernels come from")
struct KernelCompilerTests {
    private func compiler(
        cacheFolder: String? = nil,
        bundle: KernelBundle? = nil
    ) -> KernelCompiler {
        KernelCompiler(bundle: bundle, cacheFolder: cacheFolder) { () throws(KernelError) in
            try NVRTC(api: SimulatedCompiler.table())
        }
    }

    private func variant(_ text: String) -> KernelVariant {
        KernelVariant(
            name: "test",
            source: KernelSource(fileName: "test.cu", text: text),
            entry: .symbol("kernel")
        )
    }

    @Test("a kernel is compiled once, then comes from memory")
    func memory() throws {
        let text = "memory \(UUID())"
        let compiler = compiler()
        let first = try compiler.kernelWithOrigin(variant(text), architecture: "sm_90a")
        let second = try compiler.kernelWithOrigin(variant(text), architecture: "sm_90a")
        #expect(first.origin == .compiler)
        #expect(second.origin == .memory)
        #expect(first.kernel == second.kernel)
        #expect(first.kernel.image == Array(text.utf8))
        #expect(first.kernel.resources.registersPerThread == 42)
        #expect(SimulatedCompiler.compilationCount(of: text) == 1)
    }

    @Test("callers at the same time compile once")
    func concurrent() async throws {
        let text = "concurrent \(UUID())"
        let compiler = compiler()
        let variant = variant(text)
        let images = try await withThrowingTaskGroup(of: [UInt8].self) { group in
            for _ in 0..<16 {
                group.addTask { try compiler.kernel(variant, architecture: "sm_90a").image }
            }
            return try await group.reduce(into: Set()) { $0.insert($1) }
        }
        #expect(images.count == 1)
        #expect(SimulatedCompiler.compilationCount(of: text) == 1)
    }

    @Test("another process finds it on disk; a damaged file is compiled anew and repaired")
    func disk() throws {
        let folder = NSTemporaryDirectory() + "openinfra-\(UUID())"
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let text = "disk \(UUID())"
        for expected in [KernelCompiler.Origin.compiler, .disk] {
            let found = try compiler(cacheFolder: folder)
                .kernelWithOrigin(variant(text), architecture: "sm_90a")
            #expect(found.origin == expected)
        }
        let files = try FileManager.default.contentsOfDirectory(atPath: folder)
        #expect(files.count == 1, "no temporary file is left: \(files)")
        let path = try #require(files.first.map { "\(folder)/\($0)" })
        var bytes = try Data(contentsOf: URL(filePath: path))
        for damage in [bytes.count - 40, 3] {
            bytes[damage] ^= 1
            try bytes.write(to: URL(filePath: path))
            let repaired = try compiler(cacheFolder: folder)
                .kernelWithOrigin(variant(text), architecture: "sm_90a")
            #expect(repaired.origin == .compiler)
            bytes = try Data(contentsOf: URL(filePath: path))
        }
        let again = try compiler(cacheFolder: folder)
            .kernelWithOrigin(variant(text), architecture: "sm_90a")
        #expect(again.origin == .disk)
    }

    @Test("a cache that cannot be written is no error")
    func readOnlyCache() throws {
        let text = "read-only \(UUID())"
        let kernel = try compiler(cacheFolder: "/proc/no-such-folder/kernels")
            .kernel(variant(text), architecture: "sm_90a")
        #expect(kernel.image == Array(text.utf8))
    }

    @Test("every input is part of the key: any change compiles anew")
    func keys() throws {
        let folder = NSTemporaryDirectory() + "openinfra-\(UUID())"
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let base = variant("keys \(UUID())")
        var text = base
        text.source.text += " "
        var header = base
        header.source.headers = ["a.cuh": "1"]
        var otherHeader = base
        otherHeader.source.headers = ["a.cuh": "2"]
        var definition = base
        definition.definitions = ["A=1"]
        var option = base
        option.options = ["--maxrregcount=64"]
        var entry = base
        entry.entry = .expression("kernel")
        let changed = [base, text, header, otherHeader, definition, option, entry]
        for variant in changed {
            let found = try compiler(cacheFolder: folder)
                .kernelWithOrigin(variant, architecture: "sm_90a")
            #expect(found.origin == .compiler, "\(variant)")
        }
        let other = try compiler(cacheFolder: folder)
            .kernelWithOrigin(base, architecture: "sm_100a")
        #expect(other.origin == .compiler)
        let same = try compiler(cacheFolder: folder)
            .kernelWithOrigin(base, architecture: "sm_90a")
        #expect(same.origin == .disk)
    }

    @Test("a compile error carries file, options and log; the next kernel compiles")
    func compileError() throws {
        let compiler = compiler()
        let error = try #require(throws: KernelError.self) {
            _ = try compiler.kernel(variant("oops \(UUID())"), architecture: "sm_90a")
        }
        #expect(error.code == .compilationFailed)
        for part in ["test.cu", "sm_90a", "oops is undefined", "13.0"] {
            #expect(error.message.contains(part), "\(error)")
        }
        _ = try compiler.kernel(variant("fine \(UUID())"), architecture: "sm_90a")
    }

    @Test("a kernel that the source does not have")
    func missingSymbol() throws {
        var variant = variant("other \(UUID())")
        variant.entry = .symbol("another")
        let error = try #require(throws: KernelError.self) {
            _ = try compiler().kernel(variant, architecture: "sm_90a")
        }
        #expect(error.code == .compilationFailed)
        #expect(error.message.contains("another"))
    }

    @Test("with a bundle no compiler is needed; without both, one error says how to get one")
    func bundle() throws {
        let path = NSTemporaryDirectory() + "openinfra-\(UUID()).kernels"
        defer { try? FileManager.default.removeItem(atPath: path) }
        let known = variant("known \(UUID())")
        var bundle = KernelBundle()
        bundle.add(try compiler().kernel(known, architecture: "sm_90a"), for: known)
        try bundle.write(to: path)

        var settings = KernelSettings()
        settings.bundlePath = path
        settings.compilerPath = "/no/such/libnvrtc.so"
        let alone = try KernelCompiler(settings)
        let found = try alone.kernelWithOrigin(known, architecture: "sm_90a")
        #expect(found.origin == .bundle)
        let error = try #require(throws: KernelError.self) {
            _ = try alone.kernel(variant("unknown"), architecture: "sm_90a")
        }
        #expect(error.code == .compilerMissing)
        for part in ["/no/such/libnvrtc.so", "pip install", "OPENINFRA_NVRTC_PATH"] {
            #expect("\(error)".contains(part), "\(error)")
        }
    }

    @Test("a damaged bundle is refused by name")
    func damagedBundle() throws {
        let path = NSTemporaryDirectory() + "openinfra-\(UUID()).kernels"
        defer { try? FileManager.default.removeItem(atPath: path) }
        try KernelBundle().write(to: path)
        #expect(try KernelBundle(contentsOf: path).count == 0)
        var bytes = try Data(contentsOf: URL(filePath: path))
        bytes[10] ^= 1
        try bytes.write(to: URL(filePath: path))
        let error = try #require(throws: KernelError.self) {
            _ = try KernelBundle(contentsOf: path)
        }
        #expect(error.code == .malformedBundle)
        #expect(error.message.contains(path))
        let missing = try #require(throws: KernelError.self) {
            _ = try KernelBundle(contentsOf: path + ".absent")
        }
        #expect(missing.code == .fileFailure)
    }
}
