extension AnalysisRules {
    /// The rules for traces of DeepSeek, of PyTorch's profiler and of OpenInfra itself.
    ///
    /// Kernels are told apart by what their authors call them, as far as we know it: DeepEP's
    /// name spaces, NCCL's prefixes, CUTLASS's and cuBLAS's GEMMs, FlashAttention and FlashMLA.
    public static let standard = AnalysisRules(
        classes: standardClasses,
        waits: [
            SpanMatcher(contains: ["notify", "barrier"]),
            // A rank of ours that stands still until a message comes.
            SpanMatcher(prefixes: ["wait", "receive"], categories: ["communication"]),
        ],
        deviceCategories: [
            "kernel", "gpu_memcpy", "gpu_memset", "Kernel", "Memcpy", "Memset",
        ],
        launchCategories: ["cuda_runtime", "cuda_driver", "hip_runtime", "Runtime"],
        annotationCategories: ["user_annotation"],
        ignoredCategories: [
            "cpu_op", "Operator", "python_function", "cpu_instant_event", "gpu_user_annotation",
            "overhead", "cuda_sync", "cuda_event", "cuda_profiler_range", "collective_comm",
            "fwdbwd", "ac2g", "async_cpu_to_gpu", "Trace",
        ]
    )

    private static let standardClasses = [
        ClassRule(
            "memory",
            role: .memory,
            SpanMatcher(categories: ["gpu_memcpy", "gpu_memset", "Memcpy", "Memset"])
        ),
        ClassRule(
            "communication",
            role: .communication,
            SpanMatcher(categories: ["communication"])
        ),
        ClassRule(
            "communication",
            role: .communication,
            SpanMatcher(
                contains: [
                    "dpsk::ep::internode::", "dpsk::ep::intranode::",
                    "deep_ep::internode", "deep_ep::intranode",
                    "ncclKernel", "ncclDevKernel", "oi_deepep_",
                ],
                prefixes: ["nccl", "rccl"]
            )
        ),
        ClassRule("forward", role: .compute, SpanMatcher(categories: ["F"])),
        ClassRule("backward", role: .compute, SpanMatcher(categories: ["B", "Bi"])),
        ClassRule("weight gradient", role: .compute, SpanMatcher(categories: ["W"])),
        ClassRule("forward & backward", role: .compute, SpanMatcher(categories: ["F&B"])),
        ClassRule(
            "gemm",
            role: .compute,
            SpanMatcher(contains: ["GemmKernel", "xmma_gemm", "deep_gemm::", "nvjet", "oi_gemm"])
        ),
        ClassRule(
            "attention",
            role: .compute,
            SpanMatcher(contains: ["flash::", "flash_fwd", "flash_bwd", "oi_flashmla_"])
        ),
        ClassRule("cast", role: .compute, SpanMatcher(contains: ["cast", "transpose", "fp8"])),
        ClassRule("layer_norm", role: .compute, SpanMatcher(contains: ["ln_"])),
        ClassRule("swiglu", role: .compute, SpanMatcher(contains: ["swiglu"])),
        ClassRule("rotary", role: .compute, SpanMatcher(contains: ["rotary"])),
    ]
}
