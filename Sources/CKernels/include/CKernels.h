// Kernel sources that belong to no system: embedded in the program, handed to the compiler as text.
#ifndef OI_CKERNELS_H
#define OI_CKERNELS_H

#include <stddef.h>

// The file's first byte; `count` becomes its size.
const unsigned char *_Nonnull oi_kernel_hopper_cuh(size_t *_Nonnull count);
const unsigned char *_Nonnull oi_kernel_device_check_cu(size_t *_Nonnull count);

#endif
