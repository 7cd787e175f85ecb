#include "CKernels.h"

// `#embed` is C23; the compiler takes it in earlier modes and warns.
#pragma clang diagnostic ignored "-Wc23-extensions"

static const unsigned char hopper[] = {
#embed "kernels/oi_hopper.cuh"
};
static const unsigned char deviceCheck[] = {
#embed "kernels/device_check.cu"
};

const unsigned char *oi_kernel_hopper_cuh(size_t *count) {
    *count = sizeof hopper;
    return hopper;
}

const unsigned char *oi_kernel_device_check_cu(size_t *count) {
    *count = sizeof deviceCheck;
    return deviceCheck;
}
