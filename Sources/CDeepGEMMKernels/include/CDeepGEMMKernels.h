// The sources of DeepGEMM's kernels: embedded in the program, handed to the compiler as text.
#ifndef OI_CDEEPGEMMKERNELS_H
#define OI_CDEEPGEMMKERNELS_H

#include <stddef.h>

// Each returns the file's first byte; `count` becomes its size.
const unsigned char *_Nonnull oi_gemm_ptx_cuh(size_t *_Nonnull count);
const unsigned char *_Nonnull oi_gemm_wgmma_cuh(size_t *_Nonnull count);
const unsigned char *_Nonnull oi_gemm_scheduler_cuh(size_t *_Nonnull count);
const unsigned char *_Nonnull oi_gemm_fp8_1d2d_cu(size_t *_Nonnull count);
const unsigned char *_Nonnull oi_gemm_fp8_swap_ab_cu(size_t *_Nonnull count);
const unsigned char *_Nonnull oi_gemm_fp8_quantize_cu(size_t *_Nonnull count);

#endif
