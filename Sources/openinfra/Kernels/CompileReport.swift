import KernelJIT

/// What each kernel takes of a multiprocessor.
struct CompileReport: Encodable {
    struct Kernel: Encodable {
        var name: String
        var registers: Int
        var spillStoreBytes: Int
        var spillLoadBytes: Int
        var stackBytes: Int
        var staticSharedBytes: Int
        var imageBytes: Int
        var isHot: Bool
        var spills: Bool
        var origin: KernelCompiler.Origin
        var warnings: [String]
    }

    var architecture: String
    var compiler: String
    var kernels: [Kernel]

    init(
        _ variants: [KernelVariant],
        _ outcomes: [CompileJob.Outcome],
        architecture: String,
        compilerVersion: String
    ) {
        self.architecture = architecture
        compiler = "NVRTC \(compilerVersion)"
        kernels = zip(variants, outcomes).map { variant, outcome in
            let resources = outcome.kernel.resources
            return Kernel(
                name: variant.name,
                registers: resources.registersPerThread,
                spillStoreBytes: resources.spillStoreByteCount,
                spillLoadBytes: resources.spillLoadByteCount,
                stackBytes: resources.stackByteCount,
                staticSharedBytes: resources.staticSharedByteCount,
                imageBytes: outcome.kernel.image.count,
                isHot: variant.isHot,
                spills: resources.spills,
                origin: outcome.origin,
                warnings: outcome.kernel.warnings
            )
        }
    }

    /// The figures in columns, then warnings, then a summary.
    var table: String {
        var table = TextTable([
            "kernel", "registers", "spills B", "stack B", "static shared B", "code B", "hot",
            "from",
        ])
        for kernel in kernels {
            table.append([
                kernel.name,
                "\(kernel.registers)",
                "\(kernel.spillStoreBytes + kernel.spillLoadBytes)",
                "\(kernel.stackBytes)",
                "\(kernel.staticSharedBytes)",
                "\(kernel.imageBytes)",
                kernel.isHot ? "yes" : "no",
                kernel.origin.rawValue,
            ])
        }
        let warnings = kernels.flatMap { kernel in kernel.warnings.map { "\(kernel.name): \($0)" } }
        let summary = "\(kernels.count) kernels for \(architecture) by \(compiler)"
        return ([table.text] + warnings + [summary]).joined(separator: "\n")
    }
}
