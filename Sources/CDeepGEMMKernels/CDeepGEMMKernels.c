#include "CDeepGEMMKernels.h"

// `#embed` is C23; the compiler takes it in earlier modes and warns.
#pragma clang diagnostic ignored "-Wc23-extensions"

static const unsigned char ptx[] = {
#embed "kernels/sm90_ptx.cuh"
};
static const unsigned char wgmma[] = {
#embed "kernels/sm90_wgmma.cuh"
};
static const unsigned char scheduler[] = {
#embed "kernels/sm90_scheduler.cuh"
};
static const unsigned char gemm[] = {
#embed "kernels/sm90_fp8_gemm_1d2d.cu"
};
static const unsigned char swapped[] = {
#embed "kernels/sm90_fp8_gemm_swap_ab.cu"
};
static const unsigned char quantize[] = {
#embed "kernels/sm90_fp8_quantize.cu"
};

const unsigned char *oi_gemm_ptx_cuh(size_t *count) {
    *count = sizeof ptx;
    return ptx;
}

const unsigned char *oi_gemm_wgmma_cuh(size_t *count) {
    *count = sizeof wgmma;
    return wgmma;
}

const unsigned char *oi_gemm_scheduler_cuh(size_t *count) {
    *count = sizeof scheduler;
    return scheduler;
}

const unsigned char *oi_gemm_fp8_1d2d_cu(size_t *count) {
    *count = sizeof gemm;
    return gemm;
}

const unsigned char *oi_gemm_fp8_swap_ab_cu(size_t *count) {
    *count = sizeof swapped;
    return swapped;
}

const unsigned char *oi_gemm_fp8_quantize_cu(size_t *count) {
    *count = sizeof quantize;
    return quantize;
}
