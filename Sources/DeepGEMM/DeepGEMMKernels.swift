import CDeepGEMMKernels
public import KernelJIT

/// The kernels of this module.
public struct DeepGEMMKernels: KernelFamily {
    /// The family's name.
    public let name = "DeepGEMM"

    /// The family.
    public init() {}

    /// The kernels that the heuristics choose from; they need Hopper's instructions.
    public func variants(architecture: String) -> [KernelVariant] {
        guard architecture == "sm_90a" else { return [] }
        let few = [128, 64, 32, 16].map {
            TileConfiguration(blockN: $0, warpgroups: 1, sets: 2)
        }
        let several = [64, 32].map { TileConfiguration(blockN: $0, sets: 2) }
        let large = (GEMMHeuristics.large + [GEMMHeuristics.shortK]).map(\.configuration)
        let wide = [GEMMOutput.float32, .accumulatedFloat32].map {
            TileConfiguration(blockN: 128, sets: 2, output: $0)
        }
        let shape = GEMMShape(m: 1, n: 1, k: 7168)
        let grouped =
            [20, 192, 1024].map {
                GEMMHeuristics.grouped(.masked, expectedRows: $0, shape: shape)
            }
            + [RowGrouping.contiguous, .prefix].map {
                GEMMHeuristics.grouped($0, expectedRows: 4096, shape: shape)
            }
        let tiled = (large + few + several + wide + grouped).map(Self.tiled)
        let swapped = [1, 2, 4, 8].map { Self.swapped(SwappedConfiguration(split: $0)) }
        let quantizers = [false, true].flatMap { isFloat in
            [Self.quantizeRows(isFloat: isFloat), Self.quantizeBlocks(isFloat: isFloat)]
        }
        return tiled + swapped + quantizers
    }

    /// The tiled product.
    package static func tiled(_ configuration: TileConfiguration) -> KernelVariant {
        KernelVariant(
            name: "sm90_fp8_gemm_1d2d/\(configuration)",
            source: gemmSource,
            entry: .symbol("oi_fp8_gemm_1d2d"),
            definitions: configuration.definitions,
            isHot: true
        )
    }

    /// The product for few rows.
    package static func swapped(_ configuration: SwappedConfiguration) -> KernelVariant {
        KernelVariant(
            name: "sm90_fp8_gemm_swap_ab/\(configuration)",
            source: swappedSource,
            entry: .symbol("oi_fp8_gemm_swap_ab"),
            definitions: configuration.definitions,
            isHot: true
        )
    }

    /// Quantisation in 1x128 blocks.
    package static func quantizeRows(isFloat: Bool) -> KernelVariant {
        quantize("rows", isFloat)
    }

    /// Quantisation in 128x128 blocks.
    package static func quantizeBlocks(isFloat: Bool) -> KernelVariant {
        quantize("blocks", isFloat)
    }

    private static func quantize(_ kind: String, _ isFloat: Bool) -> KernelVariant {
        KernelVariant(
            name: "sm90_fp8_quantize/\(kind) \(isFloat ? "float32" : "bfloat16")",
            source: quantizeSource,
            entry: .symbol("oi_quantize_\(kind)"),
            definitions: ["OI_INPUT_FLOAT=\(isFloat ? 1 : 0)"],
            isHot: kind == "rows"
        )
    }

    private static let headers: [String: String] = [
        "sm90_ptx.cuh": text(oi_gemm_ptx_cuh),
        "sm90_wgmma.cuh": text(oi_gemm_wgmma_cuh),
        "sm90_scheduler.cuh": text(oi_gemm_scheduler_cuh),
    ]

    private static let gemmSource = source("sm90_fp8_gemm_1d2d.cu", oi_gemm_fp8_1d2d_cu)
    private static let swappedSource = source("sm90_fp8_gemm_swap_ab.cu", oi_gemm_fp8_swap_ab_cu)
    private static let quantizeSource = source("sm90_fp8_quantize.cu", oi_gemm_fp8_quantize_cu)

    private typealias Embedded = (UnsafeMutablePointer<Int>) -> UnsafePointer<UInt8>

    private static func source(_ fileName: String, _ embedded: Embedded) -> KernelSource {
        KernelSource(fileName: fileName, text: text(embedded), headers: headers)
    }

    private static func text(_ embedded: Embedded) -> String {
        var count = 0
        let bytes = embedded(&count)
        return KernelSource.text(embedded: bytes, count: count)
    }
}
