/// The kernels of one system. Each system that has kernels provides one family.
public protocol KernelFamily: Sendable {
    /// The system's name, such as `DeepGEMM`.
    var name: String { get }
    /// Every kernel that the system may ask for on an architecture, such as `sm_90a`; none if it
    /// does not run there.
    func variants(architecture: String) -> [KernelVariant]
}

/// All kernels of a program.
public struct KernelCatalog: Sendable {
    /// The systems.
    public var families: [any KernelFamily]

    /// Joins families.
    public init(_ families: [any KernelFamily]) { self.families = families }

    /// Every kernel for an architecture, in the order of the families.
    public func variants(architecture: String) -> [KernelVariant] {
        families.flatMap { $0.variants(architecture: architecture) }
    }
}
