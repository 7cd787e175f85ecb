import CKernels
import KernelJIT

/// The header of shared Hopper code that kernels include as `oi_hopper.cuh`.
public enum HopperHeader {
    /// The name in `#include`.
    public static let fileName = "oi_hopper.cuh"
    /// The text.
    public static let text: String = {
        var count = 0
        let bytes = oi_kernel_hopper_cuh(&count)
        return KernelSource.text(embedded: bytes, count: count)
    }()
}
