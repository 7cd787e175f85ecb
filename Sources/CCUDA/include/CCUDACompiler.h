// NVRTC, the compiler of CUDA C++ that runs inside the process.
#ifndef OI_CCUDA_COMPILER_H
#define OI_CCUDA_COMPILER_H

#include <stddef.h>
#include <stdint.h>

typedef int32_t oi_nvrtc_result;
typedef struct oi_nvrtc_program_s *oi_nvrtc_program;

enum {
    OI_NVRTC_SUCCESS = 0,
    OI_NVRTC_ERROR_INVALID_OPTION = 5,
    OI_NVRTC_ERROR_COMPILATION = 6,
    OI_NVRTC_ERROR_BUILTIN_OPERATION_FAILURE = 7,
};

typedef struct oi_nvrtc_api {
    const char *(*getErrorString)(oi_nvrtc_result);
    oi_nvrtc_result (*version)(int32_t *, int32_t *);
    oi_nvrtc_result (*createProgram)(oi_nvrtc_program *, const char *, const char *, int32_t,
                                     const char *const *, const char *const *);
    oi_nvrtc_result (*destroyProgram)(oi_nvrtc_program *);
    oi_nvrtc_result (*addNameExpression)(oi_nvrtc_program, const char *);
    oi_nvrtc_result (*compileProgram)(oi_nvrtc_program, int32_t, const char *const *);
    oi_nvrtc_result (*getLoweredName)(oi_nvrtc_program, const char *, const char **);
    oi_nvrtc_result (*getProgramLogSize)(oi_nvrtc_program, size_t *);
    oi_nvrtc_result (*getProgramLog)(oi_nvrtc_program, char *);
    oi_nvrtc_result (*getCUBINSize)(oi_nvrtc_program, size_t *);
    oi_nvrtc_result (*getCUBIN)(oi_nvrtc_program, char *);
} oi_nvrtc_api;

#endif
