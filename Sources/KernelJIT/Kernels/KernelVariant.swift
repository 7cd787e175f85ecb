/// One kernel with everything that decides its machine code, but the architecture and compiler.
public struct KernelVariant: Sendable, Hashable {
    /// How the kernel is found in its source.
    public enum Entry: Sendable, Hashable {
        /// An `extern "C"` function.
        case symbol(String)
        /// A C++ expression, such as `gemm<128, 64>`; it instantiates a template.
        case expression(String)
    }

    /// A unique name in reports: architecture, operation, variant, such as
    /// `sm90_fp8_gemm_1d2d/128x128x4`.
    public var name: String
    /// The file and what it includes.
    public var source: KernelSource
    /// How the kernel is found in it.
    public var entry: Entry
    /// Preprocessor definitions, `NAME=value`, in order.
    public var definitions: [String]
    /// Further compiler options, in order.
    public var options: [String]
    /// Whether a register spill is an error: kernels on which the speed of a system depends.
    public var isHot: Bool

    /// Describes a kernel.
    ///
    /// - Parameters:
    ///   - name: A unique name in reports.
    ///   - source: The file and what it includes.
    ///   - entry: How the kernel is found in it.
    ///   - definitions: Preprocessor definitions, `NAME=value`.
    ///   - options: Further compiler options.
    ///   - isHot: Whether a register spill is an error.
    public init(
        name: String,
        source: KernelSource,
        entry: Entry,
        definitions: [String] = [],
        options: [String] = [],
        isHot: Bool = false
    ) {
        self.name = name
        self.source = source
        self.entry = entry
        self.definitions = definitions
        self.options = options
        self.isHot = isHot
    }

    /// All compiler options for an architecture, such as `sm_90a`.
    public func compilerOptions(architecture: String) -> [String] {
        [
            "--gpu-architecture=\(architecture)",
            "--std=c++20",
            // Nothing but the headers in memory is included.
            "--no-source-include",
            // The assembler reports registers and spills in the log.
            "--ptxas-options=-v",
        ] + definitions.map { "--define-macro=\($0)" } + options
    }
}
