// The fastest single-precision arithmetic this CPU offers to one thread, for use as a measure.
#ifndef OI_CPEAK_H
#define OI_CPEAK_H

#include <stdint.h>

// Runs `iterations` rounds of independent fused multiply-adds in the widest vectors the CPU has,
// and returns how many floating-point operations that were (two a multiply-add and lane).
// *checksum receives a value that depends on all of them, so that none can be left out.
uint64_t oi_peak_run(uint64_t iterations, float *_Nonnull checksum);

// The instructions oi_peak_run uses: "AVX-512", "AVX2 FMA", "SSE" or "128-bit vectors".
const char *_Nonnull oi_peak_instructions(void);

#endif
