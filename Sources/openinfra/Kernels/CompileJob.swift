import FoundationEssentials
import KernelJIT

/// Compiles many kernels, as many at a time as the machine has processors.
struct CompileJob {
    typealias Outcome = (kernel: CompiledKernel, origin: KernelCompiler.Origin)

    private let compiler: KernelCompiler
    private let architecture: String

    init(_ compiler: KernelCompiler, architecture: String) {
        self.compiler = compiler
        self.architecture = architecture
    }

    /// Compiles `variants`; the first failure ends the job.
    ///
    /// - Returns: One outcome a variant, in their order.
    func run(_ variants: [KernelVariant]) async throws -> [Outcome] {
        var outcomes = [Outcome?](repeating: nil, count: variants.count)
        var progress = Progress("compiling", total: variants.count)
        try await withThrowingTaskGroup(of: (Int, Outcome).self) { group in
            var next = 0
            func start() {
                guard next < variants.count else { return }
                let index = next
                next += 1
                group.addTask { [compiler, architecture] in
                    // Pure computation: the compiler waits for nobody.
                    let outcome = try compiler.kernelWithOrigin(
                        variants[index],
                        architecture: architecture
                    )
                    return (index, outcome)
                }
            }
            for _ in 0..<max(1, ProcessInfo.processInfo.activeProcessorCount) { start() }
            var done = 0
            while let (index, outcome) = try await group.next() {
                outcomes[index] = outcome
                done += 1
                progress.update(done, detail: variants[index].name)
                start()
            }
        }
        return outcomes.compactMap(\.self)
    }
}
