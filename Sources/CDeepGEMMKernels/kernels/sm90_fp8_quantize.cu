// bfloat16 or FP32 to e4m3 with FP32 scales, in the layouts the FP8 GEMMs read:
//
//   oi_quantize_rows    1 x 128: scales [planes, ceil(K / 128), align(M, 4)], rows contiguous
//   oi_quantize_blocks  128 x 128: scales [planes, ceil(N / 128), ceil(K / 128)]
//
// A scale is the largest finite magnitude of its block divided by 448, the largest e4m3, at least
// 2^-126, and 1 for a block of zeros; infinities become NaN. The CPU's BlockQuantizedTensor gives
// the same bits. One pass: each value is read once and kept in registers until its scale is known.
#ifndef OI_INPUT_FLOAT
#define OI_INPUT_FLOAT 0  // 0: bfloat16, 1: FP32
#endif
#include "sm90_ptx.cuh"

constexpr bool floatInput = OI_INPUT_FLOAT != 0;
constexpr int inputBytes = floatInput ? 4 : 2;

/// Eight values of a row from `column` on; those at and beyond `columns` are 0. 8 divides both.
__device__ __forceinline__ void loadEight(
    float (&x)[8], const uint8 *input, int64 row, int column, int columns) {
    const uint8 *source = input + (row * columns + column) * inputBytes;
    if (column >= columns) {
#pragma unroll
        for (int i = 0; i < 8; ++i) x[i] = 0;
    } else if constexpr (floatInput) {
        const float4 a = reinterpret_cast<const float4 *>(source)[0];
        const float4 b = reinterpret_cast<const float4 *>(source)[1];
        x[0] = a.x, x[1] = a.y, x[2] = a.z, x[3] = a.w, x[4] = b.x, x[5] = b.y, x[6] = b.z,
        x[7] = b.w;
    } else {
        const uint4 pairs = *reinterpret_cast<const uint4 *>(source);
        const uint32 words[4] = {pairs.x, pairs.y, pairs.z, pairs.w};
#pragma unroll
        for (int i = 0; i < 4; ++i) {
            x[2 * i] = __uint_as_float(words[i] << 16);
            x[2 * i + 1] = __uint_as_float(words[i] & 0xffff0000);
        }
    }
}

/// The largest finite magnitude; what is not finite becomes NaN.
__device__ __forceinline__ float largest(float (&x)[8]) {
    float result = 0;
#pragma unroll
    for (int i = 0; i < 8; ++i) {
        const float magnitude = fabsf(x[i]);
        const bool finite = magnitude <= 3.40282347e38f;
        result = fmaxf(result, finite ? magnitude : 0);
        x[i] = finite ? x[i] : __uint_as_float(0x7fffffff);
    }
    return result;
}

/// x / scale, correctly rounded: a reciprocal shared by the block and one step of refinement. Far
/// from the ends of the range of binary32 that equals the division.
struct Divider {
    float scale, reciprocal;
    bool plain;

    __device__ __forceinline__ explicit Divider(float scale)
        : scale(scale), reciprocal(__frcp_rn(scale)), plain(scale > 0x1p-80f && scale < 0x1p80f) {}

    __device__ __forceinline__ float operator()(float x) const {
        if (!plain) return __fdiv_rn(x, scale);
        const float quotient = x * reciprocal;
        return fmaf(fmaf(-quotient, scale, x), reciprocal, quotient);
    }
};

/// Rounds to nearest even.
__device__ __forceinline__ void storeEight(
    uint8 *output, const float (&x)[8], const Divider &divide, int64 row, int column,
    int columns) {
    if (column >= columns) return;
    uint32 words[2];
#pragma unroll
    for (int i = 0; i < 2; ++i) {
        uint16 low, high;
        asm("cvt.rn.satfinite.e4m3x2.f32 %0, %2, %1;"
            : "=h"(low)
            : "f"(divide(x[4 * i])), "f"(divide(x[4 * i + 1])));
        asm("cvt.rn.satfinite.e4m3x2.f32 %0, %2, %1;"
            : "=h"(high)
            : "f"(divide(x[4 * i + 2])), "f"(divide(x[4 * i + 3])));
        words[i] = low | uint32(high) << 16;
    }
    *reinterpret_cast<uint2 *>(output + row * columns + column) = make_uint2(words[0], words[1]);
}

__device__ __forceinline__ float scaleOf(float magnitude) {
    return magnitude > 0 ? fmaxf(__fdiv_rn(magnitude, 448.0f), 0x1p-126f) : 1;
}

/// Half a warp quantises 128 columns of one row. Grid: (ceil(M / 16), ceil(K / 128), planes), 256
/// threads.
extern "C" __global__ void __launch_bounds__(256) oi_quantize_rows(
    const uint8 *__restrict__ input, uint8 *__restrict__ output, float *__restrict__ scales, int m,
    int k, int stride) {
    ptx::dependencyWait();
    const int row = blockIdx.x * 16 + threadIdx.x / 16;
    const int column = blockIdx.y * 128 + threadIdx.x % 16 * 8;
    const int64 globalRow = int64(blockIdx.z) * m + row;
    float x[8] = {};
    if (row < m) loadEight(x, input, globalRow, column, k);
    float magnitude = largest(x);
#pragma unroll
    for (int step = 8; step > 0; step /= 2) {
        magnitude = fmaxf(magnitude, __shfl_xor_sync(0xffffffff, magnitude, step));
    }
    const float scale = scaleOf(magnitude);
    ptx::dependencyRelease();
    if (row >= m) return;
    storeEight(output, x, Divider(scale), globalRow, column, k);
    if (threadIdx.x % 16 == 0) {
        scales[(int64(blockIdx.z) * gridDim.y + blockIdx.y) * stride + row] = scale;
    }
}

/// A block of 256 threads quantises 128 x 128 values. Grid: (ceil(K / 128), ceil(N / 128), planes).
extern "C" __global__ void __launch_bounds__(256) oi_quantize_blocks(
    const uint8 *__restrict__ input, uint8 *__restrict__ output, float *__restrict__ scales, int n,
    int k) {
    __shared__ float magnitudes[8];
    ptx::dependencyWait();
    const int firstRow = blockIdx.y * 128 + threadIdx.x / 16;
    const int column = blockIdx.x * 128 + threadIdx.x % 16 * 8;
    float x[8][8] = {}, magnitude = 0;
#pragma unroll
    for (int i = 0; i < 8; ++i) {
        const int row = firstRow + i * 16;
        if (row < n) loadEight(x[i], input, int64(blockIdx.z) * n + row, column, k);
        magnitude = fmaxf(magnitude, largest(x[i]));
    }
#pragma unroll
    for (int step = 16; step > 0; step /= 2) {
        magnitude = fmaxf(magnitude, __shfl_xor_sync(0xffffffff, magnitude, step));
    }
    if (threadIdx.x % 32 == 0) magnitudes[threadIdx.x / 32] = magnitude;
    __syncthreads();
#pragma unroll
    for (int i = 0; i < 8; ++i) magnitude = fmaxf(magnitude, magnitudes[i]);
    const float scale = scaleOf(magnitude);
    const Divider divide(scale);
    ptx::dependencyRelease();
#pragma unroll
    for (int i = 0; i < 8; ++i) {
        const int row = firstRow + i * 16;
        if (row < n) storeEight(output, x[i], divide, int64(blockIdx.z) * n + row, column, k);
    }
    if (threadIdx.x == 0) {
        scales[(int64(blockIdx.z) * gridDim.y + blockIdx.y) * gridDim.x + blockIdx.x] = scale;
    }
}
