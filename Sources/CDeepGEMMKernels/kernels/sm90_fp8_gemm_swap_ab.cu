// D[M, N] = A[M, K] * B[N, K]^T for few rows of A (decoding): the time is that of reading B once.
//
// The tensor cores multiply 64 rows at a time. With A's rows there, 8 tokens would waste 7/8 of the
// work, so the operands are swapped: 64 rows of B by `blockM` rows of A give a piece of D^T. And N
// alone gives too few tiles to keep every multiprocessor reading, so a cluster of `split` blocks
// shares a tile: each takes a range of K, and the partial sums meet in the cluster's shared memory,
// always added in the order of the ranks. The same input therefore gives the same bits.
#ifndef OI_BLOCK_N
#define OI_BLOCK_N 128    // rows of B of a tile: 64 for each math warpgroup
#define OI_BLOCK_M 64     // rows of A of a tile: a multiple of 8 up to 128
#define OI_STAGES 8       // depth of the ring
#define OI_SPLIT 4        // blocks of a cluster that share K: 1 to 8
#define OI_RESIDENT 1     // blocks meant to share a multiprocessor
#endif
#include "sm90_ptx.cuh"
#include "sm90_wgmma.cuh"

constexpr int blockN = OI_BLOCK_N, blockM = OI_BLOCK_M, blockK = 128;
constexpr int stages = OI_STAGES, split = OI_SPLIT;
constexpr int mathThreads = blockN / 64 * 128, threads = mathThreads + 32;

constexpr int bytesB = blockN * blockK, bytesA = blockM * blockK;
constexpr int bytesScales = blockM * 4, strideScales = (bytesScales + 127) / 128 * 128;
constexpr int offsetA = stages * bytesB, offsetScales = offsetA + stages * bytesA;
// The partial sums, one row per row of A, replace the ring. The pitch spreads a warp's writes over
// all banks.
constexpr int pitch = blockN + 4, partialBytes = blockM * pitch * 4;
constexpr int ringBytes = offsetScales + stages * strideScales;
constexpr int offsetBarriers = ringBytes > partialBytes ? ringBytes : partialBytes;
// Read while the product runs, where registers allow it.
constexpr bool scalesEarly = blockM <= 96;
static_assert(offsetBarriers + 16 * stages <= 232448, "shared memory of one block");

__device__ __forceinline__ uint32 inBlock(uint32 address, uint32 rank) {
    uint32 remote;
    asm("mapa.shared::cluster.u32 %0, %1, %2;" : "=r"(remote) : "r"(address), "r"(rank));
    return remote;
}

__device__ __forceinline__ float4 loadCluster(uint32 address) {
    float4 value;
    asm volatile("ld.shared::cluster.v4.f32 {%0, %1, %2, %3}, [%4];"
                 : "=f"(value.x), "=f"(value.y), "=f"(value.z), "=f"(value.w)
                 : "r"(address)
                 : "memory");
    return value;
}

extern "C" __global__ void __launch_bounds__(threads, OI_RESIDENT) oi_fp8_gemm_swap_ab(
    const __grid_constant__ TensorMap mapA, const __grid_constant__ TensorMap mapB,
    const __grid_constant__ TensorMap mapScaleA, const float *__restrict__ scaleB,
    uint16 *__restrict__ d, int m, int n, int k) {
    extern __shared__ __align__(1024) uint8 shared[];
    const uint32 base = ptx::sharedAddress(shared);
    const uint32 full = base + offsetBarriers, empty = full + 8 * stages;
    const int rank = split > 1 ? ptx::clusterRank() : 0;
    const int column = blockIdx.x / split * blockN, row = blockIdx.y * blockM;
    const int blocksK = (k + blockK - 1) / blockK;
    const int first = blocksK * rank / split, end = blocksK * (rank + 1) / split;

    if (threadIdx.x == 0) {
        for (int i = 0; i < stages; ++i) {
            ptx::barrierInitialize(full + 8 * i, 1);
            ptx::barrierInitialize(empty + 8 * i, mathThreads / 32);
        }
        ptx::barrierInitializationFence();
    }
    __syncthreads();
    ptx::dependencyWait();

    uint32 stage = 0, phase = 0;
    const auto advance = [&] {
        if (++stage == stages) stage = 0, phase ^= 1;
    };
    if (threadIdx.x >= mathThreads) {
        if (ptx::electOne()) {
            for (int block = first; block < end; ++block, advance()) {
                const uint32 barrier = full + 8 * stage;
                ptx::barrierWait(empty + 8 * stage, phase ^ 1);
                ptx::barrierExpectBytes(barrier, bytesA + bytesB + bytesScales);
                ptx::copyTile(base + stage * bytesB, mapB, barrier, block * blockK, column);
                ptx::copyTile(base + offsetA + stage * bytesA, mapA, barrier, block * blockK, row);
                ptx::copyTile(
                    base + offsetScales + stage * strideScales, mapScaleA, barrier, row, block);
            }
            ptx::dependencyRelease();
        }
        __syncwarp();
    } else {
        const int warpgroup = __shfl_sync(0xffffffff, threadIdx.x / 128, 0);
        const int lane = threadIdx.x % 32;
        const int scaleRow = min((column + warpgroup * 64) / 128, (n + 127) / 128 - 1);
        const float *scales = scaleB + int64(scaleRow) * blocksK;
        float sums[blockM / 2] = {}, partial[blockM / 2];
        // Lane i holds the scales of blocks i, i + 32 ... of K, well ahead of their use.
        float held = 0, ahead = 0;
        const auto fetchScales = [&](int block) {
            held = ahead;
            ahead = __ldg(scales + min(block + lane, blocksK - 1));
        };
        fetchScales(first);
        fetchScales(first + 32);
        for (int block = first; block < end; ++block, advance()) {
            const float scale = __shfl_sync(0xffffffff, held, (block - first) % 32);
            if ((block - first) % 32 == 31) fetchScales(block + 33);
            ptx::barrierWait(full + 8 * stage, phase);
            uint32 unitB = (base + stage * bytesB + warpgroup * 64 * blockK) >> 4;
            uint32 unitA = (base + offsetA + stage * bytesA) >> 4;
            unitB = __shfl_sync(0xffffffff, unitB, 0), unitA = __shfl_sync(0xffffffff, unitA, 0);
            ptx::pin(partial);
            ptx::wgmmaFence();
#pragma unroll
            for (int i = 0; i < blockK / 32; ++i) {
                FP8Product<blockM>::add(
                    partial, ptx::operandDescriptor(unitB + 2 * i),
                    ptx::operandDescriptor(unitA + 2 * i), i);
            }
            ptx::wgmmaCommit();
            ptx::pin(partial);
            // A's rows are the accumulators' columns here: two neighbouring scales per 8 of them.
            const uint32 address = base + offsetScales + stage * strideScales + lane % 4 * 8;
            float2 columns[blockM / 8];
            if constexpr (scalesEarly) {
#pragma unroll
                for (int j = 0; j < blockM / 8; ++j) columns[j] = ptx::loadShared2(address + j * 32);
            }
            ptx::wgmmaWait<0>();
            ptx::pin(partial);
            if constexpr (scalesEarly) __syncwarp();
            if (scalesEarly && lane == 0) ptx::barrierArrive(empty + 8 * stage);
#pragma unroll
            for (int j = 0; j < blockM / 8; ++j) {
                if constexpr (!scalesEarly) columns[j] = ptx::loadShared2(address + j * 32);
                const float s0 = scale * columns[j].x, s1 = scale * columns[j].y;
                sums[j * 4 + 0] += s0 * partial[j * 4 + 0];
                sums[j * 4 + 1] += s1 * partial[j * 4 + 1];
                sums[j * 4 + 2] += s0 * partial[j * 4 + 2];
                sums[j * 4 + 3] += s1 * partial[j * 4 + 3];
            }
            if constexpr (!scalesEarly) {
                __syncwarp();
                if (lane == 0) ptx::barrierArrive(empty + 8 * stage);
            }
        }
        // Every warpgroup is done with the ring before anyone writes partial sums over it.
        ptx::namedBarrier(1, mathThreads);
        const int n0 = warpgroup * 64 + threadIdx.x % 128 / 32 * 16 + lane / 4;
#pragma unroll
        for (int j = 0; j < blockM / 8; ++j) {
            const uint32 address = base + ((j * 8 + lane % 4 * 2) * pitch + n0) * 4;
            ptx::storeShared(address, sums[j * 4 + 0]);
            ptx::storeShared(address + pitch * 4, sums[j * 4 + 1]);
            ptx::storeShared(address + 32, sums[j * 4 + 2]);
            ptx::storeShared(address + pitch * 4 + 32, sums[j * 4 + 3]);
        }
    }
    if constexpr (split > 1) {
        __syncwarp();
        ptx::clusterArrive();
        ptx::clusterWait();
    } else {
        __syncthreads();
    }

    // Each block of the cluster finishes its share of the tile, 8 columns of D at a time.
    constexpr int units = blockM * (blockN / 8);
    for (int unit = rank * threads + threadIdx.x; unit < units; unit += split * threads) {
        const int i = unit / (blockN / 8), j = unit % (blockN / 8) * 8;
        if (row + i >= m || column + j >= n) continue;
        const uint32 address = base + (i * pitch + j) * 4;
        float total[8] = {};
#pragma unroll
        for (int r = 0; r < split; ++r) {
            const uint32 source = split > 1 ? inBlock(address, r) : address;
            const float4 low = loadCluster(source), high = loadCluster(source + 16);
            total[0] += low.x, total[1] += low.y, total[2] += low.z, total[3] += low.w;
            total[4] += high.x, total[5] += high.y, total[6] += high.z, total[7] += high.w;
        }
        uint4 packed;
        packed.x = ptx::packBFloat16(total[0], total[1]);
        packed.y = ptx::packBFloat16(total[2], total[3]);
        packed.z = ptx::packBFloat16(total[4], total[5]);
        packed.w = ptx::packBFloat16(total[6], total[7]);
        *reinterpret_cast<uint4 *>(d + int64(row + i) * n + column + j) = packed;
    }
    // Peers may still read this block's sums.
    if constexpr (split > 1) {
        ptx::clusterArrive();
        ptx::clusterWait();
    }
}
