import ArgumentParser
import InfraCore
import KernelJIT

extension KernelsCommand {
    /// `openinfra kernels compile`: compiles every kernel and reports what each takes.
    struct CompileCommand: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "compile",
            abstract: "Compile every kernel and print registers, spills and shared memory.",
            discussion: """
                The compiler is NVRTC (pip install nvidia-cuda-nvrtc); the environment variable \
                OPENINFRA_NVRTC_PATH names another. The command fails if a kernel does not compile, \
                or if a kernel on which speed depends spills registers.

                A bundle named openinfra.kernels beside the program, or named by \
                OPENINFRA_KERNEL_BUNDLE, is used at start: that machine needs no NVRTC.

                Examples:
                  openinfra kernels compile --arch sm_90a
                  openinfra kernels compile --arch sm_90a --out openinfra.kernels
                  openinfra kernels compile --filter gemm --json
                """
        )

        @Option(help: "The architecture, such as sm_90a.")
        var arch = "sm_90a"

        @Option(help: "Compile only kernels whose name contains this.")
        var filter: String?

        @Option(help: "Write the compiled kernels to this bundle.")
        var out: String?

        @Flag(help: "Compile even what the cache on disk has.")
        var noCache = false

        @Flag(help: "Print one JSON object.")
        var json = false

        func run() async throws {
            let all = KernelCatalog.all.variants(architecture: arch)
            guard !all.isEmpty else {
                throw ValidationError("--arch is \(arch); no kernel is written for it, use sm_90a")
            }
            let variants = all.filter { filter.map($0.name.contains) ?? true }
            guard !variants.isEmpty else {
                throw ValidationError(
                    "--filter is \(filter ?? ""); no kernel has that in its name, the first is "
                        + (all.first?.name ?? "absent")
                )
            }
            var settings = KernelSettings.current()
            // A bundle may come from another compiler; here everything comes from this one.
            settings.bundlePath = nil
            if noCache { settings.cacheFolder = nil }
            let compiler = try KernelCompiler(settings)
            let version = try compiler.compiler().version
            let compiled = try await CompileJob(compiler, architecture: arch).run(variants)

            if let out {
                var bundle = KernelBundle()
                for (variant, outcome) in zip(variants, compiled) {
                    bundle.add(outcome.kernel, for: variant)
                }
                try bundle.write(to: out)
            }
            let report = CompileReport(
                variants,
                compiled,
                architecture: arch,
                compilerVersion: version
            )
            if json { try Console.printJSON(report) } else { print(report.table) }
            let spilling = report.kernels.filter { $0.isHot && $0.spills }
            guard spilling.isEmpty else {
                throw SpillFailure(names: spilling.map(\.name))
            }
        }
    }
}

/// Kernels that must not spill registers do.
struct SpillFailure: Error, CustomStringConvertible {
    var names: [String]
    var description: String {
        "\(names.count) hot kernel\(names.count == 1 ? "" : "s") spill registers: "
            + names.joined(separator: ", ")
    }
}
