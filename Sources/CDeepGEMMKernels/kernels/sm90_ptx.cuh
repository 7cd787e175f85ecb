// The Hopper instructions the kernels use, one inline function each. Nothing here depends on a CUDA
// header, so the file compiles with NVRTC alone.
#pragma once

using int8 = signed char;
using uint8 = unsigned char;
using uint16 = unsigned short;
using uint32 = unsigned int;
using int64 = long long;
using uint64 = unsigned long long;

/// A CUtensorMap: 128 opaque bytes that the copy engine reads from the kernel's parameters.
struct alignas(64) TensorMap {
    uint64 words[16];
};

namespace ptx {

__device__ __forceinline__ uint32 sharedAddress(const void *pointer) {
    return static_cast<uint32>(__cvta_generic_to_shared(pointer));
}

/// One lane of the warp, chosen by the hardware, so that the compiler sees a uniform branch.
__device__ __forceinline__ bool electOne() {
    uint32 elected;
    asm volatile(
        "{\n.reg .pred p;\n elect.sync _|p, 0xffffffff;\n selp.b32 %0, 1, 0, p;\n}"
        : "=r"(elected));
    return elected != 0;
}

__device__ __forceinline__ uint32 clusterRank() {
    uint32 rank;
    asm volatile("mov.u32 %0, %%cluster_ctarank;" : "=r"(rank));
    return rank;
}

__device__ __forceinline__ void clusterArrive() {
    asm volatile("barrier.cluster.arrive.release.aligned;" ::: "memory");
}

__device__ __forceinline__ void clusterWait() {
    asm volatile("barrier.cluster.wait.acquire.aligned;" ::: "memory");
}

// mbarriers -------------------------------------------------------------------------------------

__device__ __forceinline__ void barrierInitialize(uint32 barrier, uint32 arrivals) {
    asm volatile("mbarrier.init.shared::cta.b64 [%0], %1;" ::"r"(barrier), "r"(arrivals));
}

__device__ __forceinline__ void barrierInitializationFence() {
    asm volatile("fence.mbarrier_init.release.cluster;" ::: "memory");
}

__device__ __forceinline__ void barrierExpectBytes(uint32 barrier, uint32 bytes) {
    asm volatile("mbarrier.arrive.expect_tx.shared::cta.b64 _, [%0], %1;" ::"r"(barrier),
                 "r"(bytes)
                 : "memory");
}

__device__ __forceinline__ void barrierArrive(uint32 barrier) {
    asm volatile("mbarrier.arrive.shared::cta.b64 _, [%0];" ::"r"(barrier) : "memory");
}

/// Arrives at the barrier with the same offset in block `rank` of the cluster.
__device__ __forceinline__ void barrierArriveRemote(uint32 barrier, uint32 rank) {
    asm volatile(
        "{\n.reg .b32 remote;\n mapa.shared::cluster.u32 remote, %0, %1;\n"
        " mbarrier.arrive.shared::cluster.b64 _, [remote];\n}" ::"r"(barrier),
        "r"(rank)
        : "memory");
}

__device__ __forceinline__ void barrierWait(uint32 barrier, uint32 phase) {
    asm volatile(
        "{\n.reg .pred done;\n"
        "AGAIN:\n mbarrier.try_wait.parity.shared::cta.b64 done, [%0], %1;\n"
        " @!done bra AGAIN;\n}" ::"r"(barrier),
        "r"(phase)
        : "memory");
}

/// As `barrierWait`, for a barrier at which other blocks of the cluster arrive.
__device__ __forceinline__ void barrierWaitCluster(uint32 barrier, uint32 phase) {
    asm volatile(
        "{\n.reg .pred done;\n"
        "AGAIN:\n mbarrier.try_wait.parity.shared::cta.b64 done, [%0], %1;\n"
        " @!done bra AGAIN;\n}" ::"r"(barrier),
        "r"(phase)
        : "memory");
}

/// A barrier among `threads` threads of the block (a warpgroup's own, here).
__device__ __forceinline__ void namedBarrier(uint32 name, uint32 threads) {
    asm volatile("bar.sync %0, %1;" ::"r"(name), "r"(threads) : "memory");
}

/// Arrives at a named barrier without waiting there.
__device__ __forceinline__ void namedBarrierArrive(uint32 name, uint32 threads) {
    asm volatile("bar.arrive %0, %1;" ::"r"(name), "r"(threads) : "memory");
}

// The copy engine (TMA) -------------------------------------------------------------------------

__device__ __forceinline__ void prefetchMap(const TensorMap &map) {
    asm volatile("prefetch.tensormap [%0];" ::"l"(&map) : "memory");
}

__device__ __forceinline__ void copyTile(
    uint32 destination, const TensorMap &map, uint32 barrier, int column, int row) {
    asm volatile(
        "cp.async.bulk.tensor.2d.shared::cluster.global.mbarrier::complete_tx::bytes"
        " [%0], [%1, {%3, %4}], [%2];" ::"r"(destination),
        "l"(&map), "r"(barrier), "r"(column), "r"(row)
        : "memory");
}

/// The tile lands at the same offset in every block of `blocks` and signals each one's barrier.
__device__ __forceinline__ void copyTileMulticast(
    uint32 destination, const TensorMap &map, uint32 barrier, int column, int row, uint16 blocks) {
    asm volatile(
        "cp.async.bulk.tensor.2d.shared::cluster.global.mbarrier::complete_tx::bytes"
        ".multicast::cluster [%0], [%1, {%3, %4}], [%2], %5;" ::"r"(destination),
        "l"(&map), "r"(barrier), "r"(column), "r"(row), "h"(blocks)
        : "memory");
}

__device__ __forceinline__ void storeTile(
    const TensorMap &map, uint32 source, int column, int row, int plane) {
    asm volatile(
        "cp.async.bulk.tensor.3d.global.shared::cta.bulk_group [%0, {%2, %3, %4}], [%1];" ::"l"(
            &map),
        "r"(source), "r"(column), "r"(row), "r"(plane)
        : "memory");
}

/// Adds the tile to what lies in memory instead of overwriting it.
__device__ __forceinline__ void addTile(
    const TensorMap &map, uint32 source, int column, int row, int plane) {
    asm volatile(
        "cp.reduce.async.bulk.tensor.3d.global.shared::cta.add.bulk_group"
        " [%0, {%2, %3, %4}], [%1];" ::"l"(&map),
        "r"(source), "r"(column), "r"(row), "r"(plane)
        : "memory");
}

__device__ __forceinline__ void storeCommit() {
    asm volatile("cp.async.bulk.commit_group;" ::: "memory");
}

/// Waits until all but the newest `pending` store groups have read their shared memory.
template <int pending>
__device__ __forceinline__ void storeWaitRead() {
    asm volatile("cp.async.bulk.wait_group.read %0;" ::"n"(pending) : "memory");
}

template <int pending>
__device__ __forceinline__ void storeWait() {
    asm volatile("cp.async.bulk.wait_group %0;" ::"n"(pending) : "memory");
}

/// Makes ordinary shared-memory writes visible to the copy engine and the tensor cores.
__device__ __forceinline__ void sharedProxyFence() {
    asm volatile("fence.proxy.async.shared::cta;" ::: "memory");
}

// Warpgroup matrix instructions -----------------------------------------------------------------

/// Shared-memory operand with rows of 128 bytes, K contiguous, 128-byte swizzle: 8 rows make one
/// 1024-byte atom, atoms follow each other along the rows.
/// `unit` is the operand's address in units of 16 bytes.
__device__ __forceinline__ uint64 operandDescriptor(uint32 unit) {
    // An address below 228 KB fits the field's 14 bits; bit 16 is the (unused) leading offset.
    constexpr uint32 high = (1u << 30) | (1024 >> 4);
    return (uint64(high) << 32) | (unit | (1u << 16));
}

__device__ __forceinline__ void wgmmaFence() {
    asm volatile("wgmma.fence.sync.aligned;" ::: "memory");
}

__device__ __forceinline__ void wgmmaCommit() {
    asm volatile("wgmma.commit_group.sync.aligned;" ::: "memory");
}

template <int pending>
__device__ __forceinline__ void wgmmaWait() {
    asm volatile("wgmma.wait_group.sync.aligned %0;" ::"n"(pending) : "memory");
}

/// Keeps the compiler from moving uses of accumulators across an asynchronous product.
template <int count>
__device__ __forceinline__ void pin(float (&values)[count]) {
#pragma unroll
    for (int i = 0; i < count; ++i) asm volatile("" : "+f"(values[i])::"memory");
}

template <int count>
__device__ __forceinline__ void raiseRegisters() {
    asm volatile("setmaxnreg.inc.sync.aligned.u32 %0;" ::"n"(count));
}

template <int count>
__device__ __forceinline__ void lowerRegisters() {
    asm volatile("setmaxnreg.dec.sync.aligned.u32 %0;" ::"n"(count));
}

// Conversions and shared memory -----------------------------------------------------------------

/// Two floats to two bfloat16, `low` in the low half, rounded to nearest even.
__device__ __forceinline__ uint32 packBFloat16(float low, float high) {
    uint32 packed;
    asm("cvt.rn.bf16x2.f32 %0, %2, %1;" : "=r"(packed) : "f"(low), "f"(high));
    return packed;
}

__device__ __forceinline__ void storeMatrices(
    uint32 address, uint32 a, uint32 b, uint32 c, uint32 d) {
    asm volatile("stmatrix.sync.aligned.m8n8.x4.shared.b16 [%0], {%1, %2, %3, %4};" ::"r"(address),
                 "r"(a), "r"(b), "r"(c), "r"(d)
                 : "memory");
}

__device__ __forceinline__ void storeShared(uint32 address, float a, float b) {
    asm volatile("st.shared.v2.f32 [%0], {%1, %2};" ::"r"(address), "f"(a), "f"(b) : "memory");
}

__device__ __forceinline__ void storeShared(uint32 address, float value) {
    asm volatile("st.shared.f32 [%0], %1;" ::"r"(address), "f"(value) : "memory");
}

__device__ __forceinline__ float loadShared(uint32 address) {
    float value;
    asm volatile("ld.shared.f32 %0, [%1];" : "=f"(value) : "r"(address) : "memory");
    return value;
}

__device__ __forceinline__ float2 loadShared2(uint32 address) {
    float2 value;
    asm volatile("ld.shared.v2.f32 {%0, %1}, [%2];"
                 : "=f"(value.x), "=f"(value.y)
                 : "r"(address)
                 : "memory");
    return value;
}

// Programmatic dependent launch -----------------------------------------------------------------

/// Waits until the grids this one depends on have finished and their writes are visible.
__device__ __forceinline__ void dependencyWait() {
    asm volatile("griddepcontrol.wait;" ::: "memory");
}

/// Lets the next grid start its prologue while this one still runs.
__device__ __forceinline__ void dependencyRelease() {
    asm volatile("griddepcontrol.launch_dependents;" ::: "memory");
}

}  // namespace ptx
