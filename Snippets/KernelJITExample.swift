// Compiles a kernel template without a GPU, shows what it takes, and what a compile error looks like.

import InfraCore
import KernelJIT

let source = KernelSource(
    fileName: "scale.cu",
    text: """
        #include "factor.cuh"
        template <int FACTOR> __global__ void scale(float *values) {
            values[blockIdx.x * blockDim.x + threadIdx.x] *= FACTOR * offset;
        }
        """,
    headers: ["factor.cuh": "constexpr float offset = 0.5f;"]
)
var kernel = KernelVariant(name: "scale/3", source: source, entry: .expression("scale<3>"))

do {
    let compiler = try KernelCompiler()
    for _ in 1...2 {
        let (compiled, origin) = try compiler.kernelWithOrigin(kernel, architecture: "sm_90a")
        print(
            "\(compiled.symbol): \(compiled.resources.registersPerThread) registers,",
            "\(compiled.image.count > 0 ? "machine code" : "nothing") from",
            origin == .memory ? "memory" : "compiler or cache"
        )
    }
    kernel.source.headers = [:]
    _ = try compiler.kernel(kernel, architecture: "sm_90a")
} catch {
    print(error.code, "-", error)
}
