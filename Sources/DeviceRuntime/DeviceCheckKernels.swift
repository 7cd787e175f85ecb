import CKernels
public import KernelJIT

/// The kernels that check a GPU and this module; also the smallest example of a kernel family.
public struct DeviceCheckKernels: KernelFamily {
    /// The family's name.
    public let name = "DeviceRuntime"

    /// The family.
    public init() {}

    /// Rows of the box that the copy-engine kernel moves.
    package static let boxRows = 64

    private static let source: KernelSource = {
        var count = 0
        let bytes = oi_kernel_device_check_cu(&count)
        return KernelSource(
            fileName: "device_check.cu",
            text: KernelSource.text(embedded: bytes, count: count),
            headers: [HopperHeader.fileName: HopperHeader.text]
        )
    }()

    /// Adds a number to each of many.
    package static let add = variant("add", .symbol("oi_check_add"))
    /// Exchanges large shared memories within clusters.
    package static let cluster = variant("cluster", .symbol("oi_check_cluster"))
    /// Copies a matrix through the copy engine.
    package static let copyEngine = variant("tma", .expression("oi_check_tma<\(boxRows)>"))
    /// Runs until the host sets a flag.
    package static let spin = variant("spin", .symbol("oi_check_spin"))

    /// The kernels; they need Hopper's instructions.
    public func variants(architecture: String) -> [KernelVariant] {
        architecture == "sm_90a" ? [Self.add, Self.cluster, Self.copyEngine, Self.spin] : []
    }

    private static func variant(_ name: String, _ entry: KernelVariant.Entry) -> KernelVariant {
        KernelVariant(
            name: "sm90_device_check/\(name)",
            source: source,
            entry: entry,
            isHot: true
        )
    }
}
