#include "CPeak.h"

// Ten accumulators hide the latency of a multiply-add (four cycles, two units) and fit beside the
// two factors into sixteen registers. GCC's vector extension has no FMA of its own, but clang
// contracts a * b + c when told to; without contraction the figure would be half the peak.
#pragma STDC FP_CONTRACT ON

enum { accumulatorCount = 10 };

#define OI_PEAK_LOOP(Vector, lanes)                                                     \
    Vector sums[accumulatorCount];                                                      \
    for (int i = 0; i < accumulatorCount; i++) sums[i] = (Vector){} + (float)i * 0.125f; \
    Vector factor = (Vector){} + 0.999f;                                                \
    Vector term = (Vector){} + 0.001f;                                                  \
    __asm__ volatile("" : "+m"(factor), "+m"(term));                                    \
    for (uint64_t round = 0; round < iterations; round++) {                             \
        _Pragma("clang loop unroll(full)") for (int i = 0; i < accumulatorCount; i++) { \
            sums[i] = sums[i] * factor + term;                                          \
        }                                                                               \
    }                                                                                   \
    Vector total = {};                                                                  \
    for (int i = 0; i < accumulatorCount; i++) total += sums[i];                        \
    float sum = 0;                                                                      \
    for (int lane = 0; lane < (lanes); lane++) sum += total[lane];                      \
    *checksum = sum;                                                                    \
    return iterations * accumulatorCount * (lanes) * 2

typedef float Float4 __attribute__((vector_size(16)));
static uint64_t runBaseline(uint64_t iterations, float *checksum) { OI_PEAK_LOOP(Float4, 4); }

#if defined(__x86_64__)
typedef float Float8 __attribute__((vector_size(32)));
typedef float Float16 __attribute__((vector_size(64)));

__attribute__((target("avx2,fma"))) static uint64_t runAVX2(uint64_t iterations, float *checksum) {
    OI_PEAK_LOOP(Float8, 8);
}

__attribute__((target("avx512f"))) static uint64_t
runAVX512(uint64_t iterations, float *checksum) {
    OI_PEAK_LOOP(Float16, 16);
}

const char *oi_peak_instructions(void) {
    if (__builtin_cpu_supports("avx512f")) return "AVX-512";
    if (__builtin_cpu_supports("fma") && __builtin_cpu_supports("avx2")) return "AVX2 FMA";
    return "SSE";
}

uint64_t oi_peak_run(uint64_t iterations, float *checksum) {
    if (__builtin_cpu_supports("avx512f")) return runAVX512(iterations, checksum);
    if (__builtin_cpu_supports("fma") && __builtin_cpu_supports("avx2")) {
        return runAVX2(iterations, checksum);
    }
    return runBaseline(iterations, checksum);
}
#else
const char *oi_peak_instructions(void) { return "128-bit vectors"; }

uint64_t oi_peak_run(uint64_t iterations, float *checksum) {
    return runBaseline(iterations, checksum);
}
#endif
