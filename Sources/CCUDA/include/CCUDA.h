// The parts of NVIDIA's driver interface and of NVRTC that OpenInfra calls, as tables of function
// pointers. Nothing is linked: CUDADriver and KernelJIT open the libraries at run time and fill the
// tables; tests fill them with functions of their own.
//
// Values and layouts are those of the public interfaces of CUDA 12 and 13; both keep them stable.
#ifndef OI_CCUDA_H
#define OI_CCUDA_H

#include <stddef.h>
#include <stdint.h>

#include "CCUDADriver.h"
#include "CCUDACompiler.h"

// A function of a library and where its pointer stands in the table.
typedef struct oi_cuda_symbol {
    const char *_Nonnull name;
    size_t offset;
    // Whether the table may stay without it: newer drivers have it, older ones do not.
    int isOptional;
} oi_cuda_symbol;

// The functions of oi_cuda_api and oi_nvrtc_api, in the order of their members.
const oi_cuda_symbol *_Nonnull oi_cuda_symbols(size_t *_Nonnull count);
const oi_cuda_symbol *_Nonnull oi_nvrtc_symbols(size_t *_Nonnull count);

// Writes the path of the library that contains `address`; returns 0, or -1 if nobody knows it or it
// does not fit.
int oi_library_path(const void *_Nonnull address, char *_Nonnull path, size_t capacity);

#endif
