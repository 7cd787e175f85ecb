// Kernels with which `openinfra device verify` checks what other kernels rely on: clusters, shared
// memory above 48 KB, programmatic dependent launch, the copy engine, and code made of templates.
#include "oi_hopper.cuh"

// Adds `increment` to each element: the smallest kernel, for graphs and launch costs.
extern "C" __global__ void oi_check_add(uint32_t *values, uint32_t increment, uint32_t count) {
    wait_for_predecessor();
    uint32_t index = blockIdx.x * blockDim.x + threadIdx.x;
    if (index < count) values[index] += increment;
    let_successor_start();
}

// Each block fills its dynamic shared memory with a number of its own, then reads that of the next
// block of its cluster and writes how many words held what they should.
extern "C" __global__ void oi_check_cluster(uint32_t *correct, uint32_t words) {
    extern __shared__ uint32_t shared[];
    for (uint32_t index = threadIdx.x; index < words; index += blockDim.x)
        shared[index] = blockIdx.x * 1000003u + index;
    synchronize_cluster();
    uint32_t rank = cluster_rank(), size = cluster_size(), next = (rank + 1) % size;
    uint32_t neighbour = blockIdx.x - rank + next, found = 0;
    for (uint32_t index = threadIdx.x; index < words; index += blockDim.x)
        found += load_from_block(shared + index, next) == neighbour * 1000003u + index;
    atomicAdd(correct + blockIdx.x, found);
    // A block must not end while another still reads its shared memory.
    synchronize_cluster();
}

// Copies a matrix box by box: the copy engine loads, the threads undo the 128-byte swizzle and store.
// The matrix is float32 `[rows, columns]`; a box has `BOX_ROWS` rows of 32 columns (128 bytes).
template <int BOX_ROWS>
__global__ void oi_check_tma(const __grid_constant__ TensorMap map, float *out, int rows,
                             int columns) {
    __shared__ alignas(1024) float box[BOX_ROWS][32];
    __shared__ uint64_t barrier;
    int column = blockIdx.x * 32, row = blockIdx.y * BOX_ROWS;
    if (threadIdx.x == 0) {
        initialize_barrier(&barrier, 1);
        expect_bytes(&barrier, sizeof box);
        load_box(box, &map, &barrier, column, row);
    }
    __syncthreads();
    wait_for_phase(&barrier, 0);
    for (int index = threadIdx.x; index < BOX_ROWS * 32; index += blockDim.x) {
        int r = index / 32, c = index % 32;
        // 16-byte chunk `i` of row `r` lies where chunk `i ^ (r % 8)` would.
        int swizzled = ((c / 4) ^ (r % 8)) * 4 + c % 4;
        if (row + r < rows && column + c < columns)
            out[(row + r) * columns + column + c] = box[r][swizzled];
    }
}

// Runs until the host sets a flag, or for `limit` turns: work that does not end by itself.
extern "C" __global__ void oi_check_spin(const volatile uint32_t *flag, uint64_t limit) {
    for (uint64_t turn = 0; turn < limit && *flag == 0; ++turn) {
    }
}
