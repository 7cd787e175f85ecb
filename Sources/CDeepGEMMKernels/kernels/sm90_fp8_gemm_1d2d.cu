// D[M, N] = A[M, K] * B[N, K]^T for e4m3 operands with FP32 scales: one per row and 128 columns of A
// (1x128), one per 128 x 128 block of B. D is bfloat16 or FP32. The scheme, and why the sum has two
// levels, is section 3.3.2 of the DeepSeek-V3 report (arXiv 2412.19437).
//
// One block stays on each multiprocessor and walks a list of blockM x blockN tiles:
//
//   producer (1 thread)    copies A, B and A's scales for 128 values of K into a ring of stages
//   warpgroup 1, rows 0-63      | multiply a stage on the tensor cores, scale the partial sums
//   warpgroup 2, rows 64-127    | into FP32 registers, hand the finished tile to the copy engine
//   (one to three of them)      |
//
// Shapes are arguments. What shapes the code is a macro, set by the host's heuristics:
#ifndef OI_BLOCK_N
#define OI_BLOCK_N 256    // columns of a tile
#define OI_WAVES 2        // column slices multiplied one after the other: blockN / waves <= 192
#define OI_SETS 1         // sets of partial sums: 2 promote one slice while the next multiplies
#define OI_STAGES 4       // depth of the ring
#define OI_CLUSTER_M 2    // blocks that share B's tile ...
#define OI_CLUSTER_N 1    // ... or A's, each loading half of it for both
#define OI_GROUPING 0     // see Grouping
#define OI_OUTPUT 0       // 0: bfloat16, 1: FP32, 2: FP32 added to what D holds
#define OI_BAND 8         // height of the scheduler's bands in cluster tiles
#define OI_WARPGROUPS 2   // math warpgroups, 64 rows of the tile each: 1 to 3
#define OI_CHUNKS 2       // staging buffers of each warpgroup
#endif
#include "sm90_ptx.cuh"
#include "sm90_scheduler.cuh"
#include "sm90_wgmma.cuh"

constexpr int warpgroups = OI_WARPGROUPS;
constexpr int blockM = warpgroups * 64, blockK = 128, blockN = OI_BLOCK_N;
constexpr int waves = OI_WAVES, waveN = blockN / waves, sets = OI_SETS, stages = OI_STAGES;
constexpr int clusterM = OI_CLUSTER_M, clusterN = OI_CLUSTER_N, clusterSize = clusterM * clusterN;
constexpr bool floatOutput = OI_OUTPUT != 0;
constexpr int mathThreads = warpgroups * 128, threads = mathThreads + 128;

// A tile narrower than 128 columns, or not a multiple of 128, starts anywhere within a scale block.
__device__ constexpr int greatestCommonDivisor(int a, int b) {
    return b == 0 ? a : greatestCommonDivisor(b, a % b);
}
constexpr int columnStep = greatestCommonDivisor(blockN, 128);
constexpr int scaleBlocks = (128 - columnStep + blockN - 1) / 128 + 1;

// Shared memory: the ring, the output staging, the scales of A, the barriers.
constexpr int bytesA = blockM * blockK, bytesB = blockN * blockK, bytesScales = blockM * 4;
constexpr bool chunked = blockN % 64 == 0;  // staged in 128-byte wide swizzled chunks, else whole
constexpr int chunkBytes = 64 * 128, chunkColumns = floatOutput ? 32 : 64;
constexpr int chunks = OI_CHUNKS;
constexpr int stagingBytes = chunked ? chunks * chunkBytes : 64 * blockN * 2;  // per warpgroup
constexpr int offsetB = stages * bytesA, offsetStaging = offsetB + stages * bytesB;
constexpr int offsetScales = offsetStaging + (warpgroups * stagingBytes + 127) / 128 * 128;
constexpr int offsetBarriers = offsetScales + stages * bytesScales;
static_assert(offsetBarriers + 16 * stages <= 232448, "shared memory of one block");
static_assert(chunked || !floatOutput, "FP32 output is staged in chunks");

/// Adds the scaled partial sums of one slice to the tile's sums.
template <int wave>
__device__ __forceinline__ void promote(
    float (&sums)[blockN / 2], const float (&partial)[waveN / 2], float scale0, float scale1,
    const float (&scaleB)[scaleBlocks], int columnOffset) {
    float low[scaleBlocks], high[scaleBlocks];  // rows r and r + 8 of the warp's 16
#pragma unroll
    for (int i = 0; i < scaleBlocks; ++i) low[i] = scale0 * scaleB[i], high[i] = scale1 * scaleB[i];
#pragma unroll
    for (int j = 0; j < waveN / 8; ++j) {
        const int column = wave * waveN + j * 8;
        float s0 = low[0], s1 = high[0];
        if constexpr (blockN % 128 == 0) {
            s0 = low[column / 128], s1 = high[column / 128];
        } else {
#pragma unroll
            for (int i = 1; i < scaleBlocks; ++i) {
                // Scale blocks begin at multiples of columnStep within the tile.
                const bool beyond = columnOffset + column / columnStep * columnStep >= i * 128;
                s0 = beyond ? low[i] : s0, s1 = beyond ? high[i] : s1;
            }
        }
        float *sum = sums + column / 2;
        sum[0] += s0 * partial[j * 4 + 0];
        sum[1] += s0 * partial[j * 4 + 1];
        sum[2] += s1 * partial[j * 4 + 2];
        sum[3] += s1 * partial[j * 4 + 3];
    }
}

/// Starts the product of one slice: 64 rows of A by `waveN` rows of B over the stage's 128 of K.
__device__ __forceinline__ void multiply(float (&partial)[waveN / 2], uint32 a, uint32 b) {
    // Every lane holds the same address; saying so keeps the descriptors in uniform registers.
    a = __shfl_sync(0xffffffff, a, 0), b = __shfl_sync(0xffffffff, b, 0);
    ptx::pin(partial);
    ptx::wgmmaFence();
#pragma unroll
    for (int k = 0; k < blockK / 32; ++k) {
        FP8Product<waveN>::add(
            partial, ptx::operandDescriptor(a + 2 * k), ptx::operandDescriptor(b + 2 * k), k);
    }
    ptx::wgmmaCommit();
    ptx::pin(partial);
}

/// Hands the warpgroup's 64 rows to the copy engine. It returns while the last copies still read the
/// staging memory; the next tile's call waits for them.
__device__ __forceinline__ void store(
    const float (&sums)[blockN / 2], const TensorMap &mapD, uint32 staging, const Tile &tile,
    int warpgroup, int n) {
    const int thread = threadIdx.x % 128, warp = thread / 32, lane = threadIdx.x % 32;
    const int row = tile.row + warpgroup * 64;
    if constexpr (chunked) {
#pragma unroll
        for (int chunk = 0; chunk < blockN / chunkColumns; ++chunk) {
            const uint32 buffer = staging + chunk % chunks * chunkBytes;
            if (chunk % chunks == 0 || chunk >= chunks) {
                // Buffers are reused in turn; with one for every chunk all must be free at the start.
                if (thread == 0) {
                    if (chunk == 0) ptx::storeWaitRead<0>();
                    if (chunk != 0) ptx::storeWaitRead<chunks - 1>();
                }
                ptx::namedBarrier(warpgroup + 1, 128);
            }
            if constexpr (floatOutput) {
#pragma unroll
                for (int j = 0; j < 4; ++j) {
                    const float *sum = sums + (chunk * 4 + j) * 4;
                    const uint32 r = warp * 16 + lane / 4, unit = j * 2 + lane % 4 / 2;
                    const uint32 address =
                        buffer + r * 128 + (unit ^ (r & 7)) * 16 + lane % 2 * 8;
                    ptx::storeShared(address, sum[0], sum[1]);
                    ptx::storeShared(address + 8 * 128, sum[2], sum[3]);
                }
            } else {
                // stmatrix: lanes 0-15 name the rows of the left 8 columns, 16-31 of the right 8.
                const uint32 r = warp * 16 + lane % 16;
#pragma unroll
                for (int j = 0; j < 4; ++j) {
                    const float *sum = sums + (chunk * 8 + j * 2) * 4;
                    const uint32 unit = j * 2 + lane / 16;
                    ptx::storeMatrices(
                        buffer + r * 128 + (unit ^ (r & 7)) * 16,
                        ptx::packBFloat16(sum[0], sum[1]), ptx::packBFloat16(sum[2], sum[3]),
                        ptx::packBFloat16(sum[4], sum[5]), ptx::packBFloat16(sum[6], sum[7]));
                }
            }
            ptx::sharedProxyFence();
            ptx::namedBarrier(warpgroup + 1, 128);
            const int column = tile.column + chunk * chunkColumns;
            if (thread == 0 && column < n) {
                if constexpr (OI_OUTPUT == 2) {
                    ptx::addTile(mapD, buffer, column, row, OI_GROUPING == 2 ? tile.group : 0);
                } else {
                    ptx::storeTile(mapD, buffer, column, row, OI_GROUPING == 2 ? tile.group : 0);
                }
            }
            if (thread == 0) ptx::storeCommit();
        }
    } else {
        if (thread == 0) ptx::storeWaitRead<0>();
        ptx::namedBarrier(warpgroup + 1, 128);
        const uint32 address = staging + (warp * 16 + lane % 16) * (blockN * 2) + lane / 16 * 16;
#pragma unroll
        for (int j = 0; j < blockN / 16; ++j) {
            const float *sum = sums + j * 8;
            ptx::storeMatrices(
                address + j * 32, ptx::packBFloat16(sum[0], sum[1]),
                ptx::packBFloat16(sum[2], sum[3]), ptx::packBFloat16(sum[4], sum[5]),
                ptx::packBFloat16(sum[6], sum[7]));
        }
        ptx::sharedProxyFence();
        ptx::namedBarrier(warpgroup + 1, 128);
        if (thread == 0 && tile.column < n) {
            ptx::storeTile(mapD, staging, tile.column, row, OI_GROUPING == 2 ? tile.group : 0);
            ptx::storeCommit();
        }
    }
}

extern "C" __global__ void __launch_bounds__(threads, 1) oi_fp8_gemm_1d2d(
    const __grid_constant__ TensorMap mapA, const __grid_constant__ TensorMap mapB,
    const __grid_constant__ TensorMap mapScaleA, const __grid_constant__ TensorMap mapD,
    const float *__restrict__ scaleB, const int *__restrict__ layout, int m, int n, int k,
    int groups) {
    extern __shared__ __align__(1024) uint8 shared[];
    const uint32 base = ptx::sharedAddress(shared);
    const uint32 full = base + offsetBarriers, empty = full + 8 * stages;
    const int rank = clusterSize > 1 ? ptx::clusterRank() : 0;
    const int blocksK = (k + blockK - 1) / blockK, scaleRows = (n + 127) / 128;

    if (threadIdx.x == 0) {
        for (int i = 0; i < stages; ++i) {
            ptx::barrierInitialize(full + 8 * i, 1);
            ptx::barrierInitialize(empty + 8 * i, clusterSize * mathThreads / 32);
        }
        ptx::barrierInitializationFence();
    }
    if constexpr (clusterSize > 1) {
        ptx::clusterArrive();
        ptx::clusterWait();
    } else {
        __syncthreads();
    }
    ptx::dependencyWait();

    constexpr Grouping grouping = static_cast<Grouping>(OI_GROUPING);
    Scheduler<grouping, blockM, blockN, clusterM, clusterN, OI_BAND> scheduler(
        layout, m, n, groups, blockIdx.x / clusterSize, gridDim.x / clusterSize, rank);
    Tile tile;
    uint32 stage = 0, phase = 0;
    const auto advance = [&] {
        if (++stage == stages) stage = 0, phase ^= 1;
    };

    if (threadIdx.x >= mathThreads) {
        // Registers move from the producer's warpgroup to those that hold the sums.
        if constexpr (warpgroups == 2) ptx::lowerRegisters<40>();
        if constexpr (warpgroups == 3) ptx::lowerRegisters<32>();
        if (threadIdx.x / 32 == mathThreads / 32 && ptx::electOne()) {
            ptx::prefetchMap(mapA);
            ptx::prefetchMap(mapB);
            ptx::prefetchMap(mapScaleA);
            ptx::prefetchMap(mapD);
            while (scheduler.take<false>(tile)) {
                if (tile.group < 0) continue;
                // Rows of A: planes follow each other (masked) or there is one. Rows of B likewise.
                const int rowA = tile.row + (grouping == Grouping::masked ? tile.group * m : 0);
                const int rowB = tile.column + tile.group * n;
                const int firstScale = grouping == Grouping::masked ? tile.group * blocksK : 0;
                for (int block = 0; block < blocksK; ++block, advance()) {
                    const uint32 barrier = full + 8 * stage;
                    const uint32 a = base + stage * bytesA, b = base + offsetB + stage * bytesB;
                    if constexpr (clusterSize > 1) {
                        ptx::barrierWaitCluster(empty + 8 * stage, phase ^ 1);
                    } else {
                        ptx::barrierWait(empty + 8 * stage, phase ^ 1);
                    }
                    ptx::barrierExpectBytes(barrier, bytesA + bytesB + bytesScales);
                    if constexpr (clusterN > 1) {
                        ptx::copyTileMulticast(
                            a + rank * bytesA / 2, mapA, barrier, block * blockK,
                            rowA + rank * blockM / 2, 3);
                    } else {
                        ptx::copyTile(a, mapA, barrier, block * blockK, rowA);
                    }
                    if constexpr (clusterM > 1) {
                        ptx::copyTileMulticast(
                            b + rank * bytesB / 2, mapB, barrier, block * blockK,
                            rowB + rank * blockN / 2, 3);
                    } else {
                        ptx::copyTile(b, mapB, barrier, block * blockK, rowB);
                    }
                    ptx::copyTile(
                        base + offsetScales + stage * bytesScales, mapScaleA, barrier, tile.row,
                        firstScale + block);
                }
            }
            ptx::dependencyRelease();
        }
    } else {
        if constexpr (warpgroups == 2) ptx::raiseRegisters<232>();
        if constexpr (warpgroups == 3) ptx::raiseRegisters<160>();
        const int warpgroup = __shfl_sync(0xffffffff, threadIdx.x / 128, 0);
        const int lane = threadIdx.x % 32;
        const int scaleRow = warpgroup * 64 + threadIdx.x % 128 / 32 * 16 + lane / 4;
        const uint32 staging = base + offsetStaging + warpgroup * stagingBytes;
        const uint32 firstA = (base + warpgroup * 64 * blockK) >> 4;
        const uint32 firstB = (base + offsetB) >> 4;
        const auto release = [&](uint32 index) {
            if (lane < clusterSize) {
                if constexpr (clusterSize > 1) {
                    ptx::barrierArriveRemote(empty + 8 * index, lane);
                } else {
                    ptx::barrierArrive(empty + 8 * index);
                }
            }
        };

        // B's scales of a tile: lane i holds those of blocks i, i + 32 ... of K, 32 to 64 blocks
        // ahead of their use, so that a miss in the L2 cache is never waited for in the loop.
        const float *scalesB[scaleBlocks];
        float heldB[scaleBlocks], aheadB[scaleBlocks];
        const auto fetchScales = [&](int block) {
#pragma unroll
            for (int i = 0; i < scaleBlocks; ++i) {
                heldB[i] = aheadB[i];
                aheadB[i] = __ldg(scalesB[i] + min(block + lane, blocksK - 1));
            }
        };
        const auto prepare = [&] {
            if (tile.group < 0) return;
#pragma unroll
            for (int i = 0; i < scaleBlocks; ++i) {
                const int row = min(tile.column / 128 + i, scaleRows - 1);
                scalesB[i] = scaleB + int64(tile.group * scaleRows + row) * blocksK;
            }
            fetchScales(0);
            fetchScales(32);
        };

        bool more = scheduler.take<true>(tile);
        if (more) prepare();
        while (more) {
            const Tile current = tile;
            bool active = tile.group >= 0 && tile.row + warpgroup * 64 < tile.rows;
            if constexpr (grouping == Grouping::contiguous) {
                active = active && layout[tile.row + warpgroup * 64] >= 0;
            }
            if (!__all_sync(0xffffffff, active)) {
                for (int block = 0; tile.group >= 0 && block < blocksK; ++block, advance()) {
                    ptx::barrierWait(full + 8 * stage, phase);
                    __syncwarp();
                    release(stage);
                }
                more = scheduler.take<true>(tile);
                if (more) prepare();
                continue;
            }
            const int columnOffset = tile.column % 128;
            float sums[blockN / 2] = {};
            float partial[sets][waveN / 2];
            float currentB[scaleBlocks], scale0, scale1, next0, next1;
            const auto takeScales = [&](int block) {
                scale0 = next0, scale1 = next1;
#pragma unroll
                for (int i = 0; i < scaleBlocks; ++i) {
                    currentB[i] = __shfl_sync(0xffffffff, heldB[i], block % 32);
                }
                if (block % 32 == 31) fetchScales(block + 33);
            };
            const auto readScales = [&](int block, float &s0, float &s1) {
                const uint32 address = base + offsetScales + stage * bytesScales + scaleRow * 4;
                s0 = ptx::loadShared(address), s1 = ptx::loadShared(address + 32);
            };
            const auto startProduct = [&](int wave, float (&into)[waveN / 2]) {
                multiply(into, firstA + stage * (bytesA >> 4),
                         firstB + stage * (bytesB >> 4) + wave * (waveN * blockK >> 4));
            };
            if constexpr (sets == 1) {
                // Promotion of one warpgroup overlaps the product of the other.
                ptx::barrierWait(full + 8 * stage, phase);
                readScales(0, next0, next1);
                for (int block = 0; block < blocksK; ++block) {
                    startProduct(0, partial[0]);
                    takeScales(block);
                    ptx::wgmmaWait<0>();
                    ptx::pin(partial[0]);
                    if constexpr (waves == 2) {
                        promote<0>(sums, partial[0], scale0, scale1, currentB, columnOffset);
                        startProduct(1, partial[0]);
                        ptx::wgmmaWait<0>();
                        ptx::pin(partial[0]);
                    }
                    release(stage);
                    advance();
                    const auto enterNext = [&] {
                        if (block + 1 == blocksK) return;
                        ptx::barrierWait(full + 8 * stage, phase);
                        readScales(block + 1, next0, next1);
                    };
                    // With two slices, fetching what the next product needs before the promotion
                    // hides its latency; with one, the promotion is the longer chain.
                    if constexpr (waves == 2) enterNext();
                    promote<waves - 1>(sums, partial[0], scale0, scale1, currentB, columnOffset);
                    if constexpr (waves == 1) enterNext();
                }
            } else {
                // While one slice is promoted, the tensor cores already work on the next.
                uint32 used = stage;
                const auto enterStage = [&](int block) {
                    ptx::barrierWait(full + 8 * stage, phase);
                    readScales(block, next0, next1);
                };
                const auto finish = [&](float (&slice)[waveN / 2]) {
                    ptx::pin(slice);
                    release(used);
                    promote<waves - 1>(sums, slice, scale0, scale1, currentB, columnOffset);
                };
                enterStage(0);
                startProduct(0, partial[0]);
                if constexpr (waves == 2) {
                    const auto secondSlice = [&](int block) {
                        used = stage;
                        startProduct(1, partial[sets - 1]);
                        advance();
                        takeScales(block);
                        ptx::wgmmaWait<1>();
                        ptx::pin(partial[0]);
                        promote<0>(sums, partial[0], scale0, scale1, currentB, columnOffset);
                    };
                    for (int block = 0; block + 1 < blocksK; ++block) {
                        secondSlice(block);
                        enterStage(block + 1);
                        startProduct(0, partial[0]);
                        ptx::wgmmaWait<1>();
                        finish(partial[sets - 1]);
                    }
                    secondSlice(blocksK - 1);
                    ptx::wgmmaWait<0>();
                    finish(partial[sets - 1]);
                } else {
                    const auto step = [&](int block, float (&done)[waveN / 2],
                                          float (&ahead)[waveN / 2]) {
                        used = stage;
                        advance();
                        takeScales(block);
                        enterStage(block + 1);
                        startProduct(0, ahead);
                        ptx::wgmmaWait<1>();
                        finish(done);
                    };
                    int block = 0;
                    for (; block + 2 < blocksK; block += 2) {
                        step(block, partial[0], partial[sets - 1]);
                        step(block + 1, partial[sets - 1], partial[0]);
                    }
                    const auto last = [&](int block, float (&slice)[waveN / 2]) {
                        used = stage;
                        advance();
                        takeScales(block);
                        ptx::wgmmaWait<0>();
                        finish(slice);
                    };
                    if (block + 1 < blocksK) {
                        step(block, partial[0], partial[sets - 1]);
                        last(block + 1, partial[sets - 1]);
                    } else {
                        last(block, partial[0]);
                    }
                }
            }
            // The next tile's scales are under way while this one is stored.
            more = scheduler.take<true>(tile);
            if (more) prepare();
            store(sums, mapD, staging, current, warpgroup, n);
        }
        if (threadIdx.x % 128 == 0) ptx::storeWait<0>();
    }
    // A block must not leave while its peer may still copy into it or arrive at its barriers.
    if constexpr (clusterSize > 1) {
        ptx::clusterArrive();
        ptx::clusterWait();
    }
}
