import ArgumentParser

/// `openinfra kernels`: GPU kernels without a GPU.
struct KernelsCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "kernels",
        abstract: "Compile the GPU kernels; needs no GPU.",
        subcommands: [CompileCommand.self]
    )
}
