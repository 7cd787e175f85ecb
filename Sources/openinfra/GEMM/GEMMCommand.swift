import ArgumentParser

/// `openinfra gemm`: FP8 matrix products with fine-grained scales.
struct GEMMCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "gemm",
        abstract: "FP8 matrix products: check and time the kernels.",
        discussion: """
            Examples:
              openinfra gemm verify --backend cpu
              openinfra gemm verify --filter masked
              openinfra gemm bench --json
            """,
        subcommands: [VerifyCommand.self, BenchCommand.self]
    )

    /// Where products run.
    enum Backend: String, ExpressibleByArgument, CaseIterable {
        case gpu, cpu
    }
}
