// The part of the CBLAS interface that OpenInfra calls, as a table of function pointers.
// Nothing is linked: Tensors opens the library at run time and fills the table.
#ifndef OI_COPENBLAS_H
#define OI_COPENBLAS_H

// CBLAS enumeration values (netlib cblas.h).
enum { OI_CBLAS_ROW_MAJOR = 101, OI_CBLAS_NO_TRANSPOSE = 111, OI_CBLAS_TRANSPOSE = 112 };

typedef void (*oi_cblas_sgemm_fn)(int order, int transA, int transB, int m, int n, int k,
                                  float alpha, const float *_Nonnull a, int lda,
                                  const float *_Nonnull b, int ldb, float beta,
                                  float *_Nonnull c, int ldc);
typedef void (*oi_openblas_set_num_threads_fn)(int count);
typedef int (*oi_openblas_get_num_threads_fn)(void);
typedef const char *_Nonnull (*oi_openblas_get_config_fn)(void);

typedef struct oi_openblas_api {
    oi_cblas_sgemm_fn _Nonnull sgemm;
    oi_openblas_set_num_threads_fn _Nonnull setThreadCount;
    oi_openblas_get_num_threads_fn _Nonnull threadCount;
    oi_openblas_get_config_fn _Nonnull configuration;
} oi_openblas_api;

#endif
