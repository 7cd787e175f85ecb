/// Machine code of one kernel.
public struct CompiledKernel: Sendable, Hashable {
    /// The variant's name.
    public var name: String
    /// The symbol to look up in the loaded module.
    public var symbol: String
    /// What it is compiled for, such as `sm_90a`.
    public var architecture: String
    /// The version of the compiler.
    public var compilerVersion: String
    /// What it takes of a multiprocessor.
    public var resources: KernelResources
    /// The compiler's warnings, one a line.
    public var warnings: [String]
    /// The cubin.
    public var image: [UInt8]
}
