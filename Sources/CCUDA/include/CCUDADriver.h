// The driver interface: handles, structures, values and the table of functions.
#ifndef OI_CCUDA_DRIVER_H
#define OI_CCUDA_DRIVER_H

#include <stddef.h>
#include <stdint.h>

typedef int32_t oi_cu_result;
typedef int32_t oi_cu_device;
typedef uint64_t oi_cu_address;  // CUdeviceptr
typedef struct oi_cu_context_s *oi_cu_context;
typedef struct oi_cu_stream_s *oi_cu_stream;
typedef struct oi_cu_event_s *oi_cu_event;
typedef struct oi_cu_module_s *oi_cu_module;
typedef struct oi_cu_function_s *oi_cu_function;
typedef struct oi_cu_graph_s *oi_cu_graph;
typedef struct oi_cu_graph_exec_s *oi_cu_graph_exec;

enum {
    OI_CU_SUCCESS = 0,
    OI_CU_ERROR_INVALID_VALUE = 1,
    OI_CU_ERROR_OUT_OF_MEMORY = 2,
    OI_CU_ERROR_NO_DEVICE = 100,
    OI_CU_ERROR_NO_BINARY_FOR_GPU = 209,
    OI_CU_ERROR_NOT_FOUND = 500,
    OI_CU_ERROR_NOT_READY = 600,
    OI_CU_ERROR_LAUNCH_OUT_OF_RESOURCES = 701,
    OI_CU_ERROR_PEER_ACCESS_ALREADY_ENABLED = 704,
    OI_CU_ERROR_NOT_SUPPORTED = 801,
};

enum {  // CUdevice_attribute
    OI_CU_DEVICE_MAX_THREADS_PER_BLOCK = 1,
    OI_CU_DEVICE_CLOCK_RATE = 13,
    OI_CU_DEVICE_MULTIPROCESSOR_COUNT = 16,
    OI_CU_DEVICE_L2_CACHE_SIZE = 38,
    OI_CU_DEVICE_COMPUTE_CAPABILITY_MAJOR = 75,
    OI_CU_DEVICE_COMPUTE_CAPABILITY_MINOR = 76,
    OI_CU_DEVICE_MAX_SHARED_MEMORY_PER_BLOCK_OPTIN = 97,
    OI_CU_DEVICE_POSIX_FILE_DESCRIPTOR_SUPPORTED = 103,
};

enum {  // CUfunction_attribute
    OI_CU_FUNCTION_MAX_THREADS_PER_BLOCK = 0,
    OI_CU_FUNCTION_SHARED_SIZE_BYTES = 1,
    OI_CU_FUNCTION_LOCAL_SIZE_BYTES = 3,
    OI_CU_FUNCTION_REGISTER_COUNT = 4,
    OI_CU_FUNCTION_MAX_DYNAMIC_SHARED_SIZE_BYTES = 8,
    OI_CU_FUNCTION_NON_PORTABLE_CLUSTER_SIZE_ALLOWED = 14,
};

enum {  // CUlaunchAttributeID
    OI_CU_LAUNCH_COOPERATIVE = 2,
    OI_CU_LAUNCH_CLUSTER_DIMENSION = 4,
    OI_CU_LAUNCH_PROGRAMMATIC_STREAM_SERIALIZATION = 6,
    OI_CU_LAUNCH_PRIORITY = 8,
};

enum {
    OI_CU_STREAM_NON_BLOCKING = 1,
    OI_CU_EVENT_BLOCKING_SYNC = 1,
    OI_CU_EVENT_DISABLE_TIMING = 2,
    OI_CU_STREAM_CAPTURE_MODE_THREAD_LOCAL = 1,
    OI_CU_MEM_HOST_ALLOC_PORTABLE = 1,
    OI_CU_IPC_MEM_LAZY_ENABLE_PEER_ACCESS = 1,
    OI_CU_MEM_HANDLE_POSIX_FILE_DESCRIPTOR = 1,
    OI_CU_MEM_ALLOCATION_PINNED = 1,
    OI_CU_MEM_LOCATION_DEVICE = 1,
    OI_CU_MEM_ACCESS_READ_WRITE = 3,
    OI_CU_MEM_GRANULARITY_MINIMUM = 0,
};

typedef struct oi_cu_launch_attribute {
    int32_t id;
    int32_t padding;
    // The union of all values takes 64 bytes; those used here are words at its start.
    int32_t value[16];
} oi_cu_launch_attribute;

typedef struct oi_cu_launch_config {
    uint32_t gridX, gridY, gridZ;
    uint32_t blockX, blockY, blockZ;
    uint32_t sharedMemoryByteCount;
    oi_cu_stream stream;
    oi_cu_launch_attribute *attributes;
    uint32_t attributeCount;
} oi_cu_launch_config;

// CUtensorMap; the driver wants it at a multiple of 64 bytes while it encodes. Swift cannot align
// a value that far, so the alignment is the caller's duty.
typedef struct oi_cu_tensor_map {
    uint64_t words[16];
} oi_cu_tensor_map;

typedef struct oi_cu_memory_location {
    int32_t type;
    int32_t id;
} oi_cu_memory_location;

typedef struct oi_cu_allocation_properties {
    int32_t type;
    int32_t handleTypes;
    oi_cu_memory_location location;
    void *windowsMetadata;
    uint8_t compressionType;
    uint8_t supportsRDMA;
    uint16_t usage;
    uint8_t reserved[4];
} oi_cu_allocation_properties;

typedef struct oi_cu_access {
    oi_cu_memory_location location;
    int32_t flags;
} oi_cu_access;

typedef struct oi_cu_ipc_handle {
    uint8_t bytes[64];
} oi_cu_ipc_handle;

// Members carry the driver's names without `cu` and version suffix. All are null in a new table.
typedef struct oi_cuda_api {
    oi_cu_result (*getErrorName)(oi_cu_result, const char **);
    oi_cu_result (*getErrorString)(oi_cu_result, const char **);
    oi_cu_result (*init)(uint32_t);
    oi_cu_result (*driverGetVersion)(int32_t *);
    oi_cu_result (*deviceGetCount)(int32_t *);
    oi_cu_result (*deviceGet)(oi_cu_device *, int32_t);
    oi_cu_result (*deviceGetName)(char *, int32_t, oi_cu_device);
    oi_cu_result (*deviceGetAttribute)(int32_t *, int32_t, oi_cu_device);
    oi_cu_result (*deviceTotalMem)(size_t *, oi_cu_device);
    oi_cu_result (*deviceCanAccessPeer)(int32_t *, oi_cu_device, oi_cu_device);
    oi_cu_result (*devicePrimaryCtxRetain)(oi_cu_context *, oi_cu_device);
    oi_cu_result (*devicePrimaryCtxRelease)(oi_cu_device);
    oi_cu_result (*ctxSetCurrent)(oi_cu_context);
    oi_cu_result (*ctxSynchronize)(void);
    oi_cu_result (*ctxEnablePeerAccess)(oi_cu_context, uint32_t);
    oi_cu_result (*streamCreateWithPriority)(oi_cu_stream *, uint32_t, int32_t);
    oi_cu_result (*streamDestroy)(oi_cu_stream);
    oi_cu_result (*streamSynchronize)(oi_cu_stream);
    oi_cu_result (*streamQuery)(oi_cu_stream);
    oi_cu_result (*streamWaitEvent)(oi_cu_stream, oi_cu_event, uint32_t);
    oi_cu_result (*streamBeginCapture)(oi_cu_stream, int32_t);
    oi_cu_result (*streamEndCapture)(oi_cu_stream, oi_cu_graph *);
    oi_cu_result (*eventCreate)(oi_cu_event *, uint32_t);
    oi_cu_result (*eventDestroy)(oi_cu_event);
    oi_cu_result (*eventRecord)(oi_cu_event, oi_cu_stream);
    oi_cu_result (*eventQuery)(oi_cu_event);
    oi_cu_result (*eventSynchronize)(oi_cu_event);
    oi_cu_result (*eventElapsedTime)(float *, oi_cu_event, oi_cu_event);
    oi_cu_result (*memGetInfo)(size_t *, size_t *);
    oi_cu_result (*memAlloc)(oi_cu_address *, size_t);
    oi_cu_result (*memFree)(oi_cu_address);
    oi_cu_result (*memHostAlloc)(void **, size_t, uint32_t);
    oi_cu_result (*memFreeHost)(void *);
    oi_cu_result (*memcpyHtoDAsync)(oi_cu_address, const void *, size_t, oi_cu_stream);
    oi_cu_result (*memcpyDtoHAsync)(void *, oi_cu_address, size_t, oi_cu_stream);
    oi_cu_result (*memcpyDtoDAsync)(oi_cu_address, oi_cu_address, size_t, oi_cu_stream);
    oi_cu_result (*memsetD8Async)(oi_cu_address, uint8_t, size_t, oi_cu_stream);
    oi_cu_result (*moduleLoadData)(oi_cu_module *, const void *);
    oi_cu_result (*moduleUnload)(oi_cu_module);
    oi_cu_result (*moduleGetFunction)(oi_cu_function *, oi_cu_module, const char *);
    oi_cu_result (*funcGetAttribute)(int32_t *, int32_t, oi_cu_function);
    oi_cu_result (*funcSetAttribute)(oi_cu_function, int32_t, int32_t);
    oi_cu_result (*occupancyMaxActiveBlocksPerMultiprocessor)(int32_t *, oi_cu_function, int32_t,
                                                              size_t);
    oi_cu_result (*launchKernelEx)(const oi_cu_launch_config *, oi_cu_function, void **, void **);
    oi_cu_result (*graphInstantiateWithFlags)(oi_cu_graph_exec *, oi_cu_graph, uint64_t);
    oi_cu_result (*graphLaunch)(oi_cu_graph_exec, oi_cu_stream);
    oi_cu_result (*graphDestroy)(oi_cu_graph);
    oi_cu_result (*graphExecDestroy)(oi_cu_graph_exec);
    oi_cu_result (*graphGetNodes)(oi_cu_graph, void **, size_t *);
    oi_cu_result (*tensorMapEncodeTiled)(oi_cu_tensor_map *, int32_t, uint32_t, void *,
                                         const uint64_t *, const uint64_t *, const uint32_t *,
                                         const uint32_t *, int32_t, int32_t, int32_t, int32_t);
    oi_cu_result (*tensorMapReplaceAddress)(oi_cu_tensor_map *, void *);
    oi_cu_result (*memGetAllocationGranularity)(size_t *, const oi_cu_allocation_properties *,
                                                int32_t);
    oi_cu_result (*memCreate)(uint64_t *, size_t, const oi_cu_allocation_properties *, uint64_t);
    oi_cu_result (*memRelease)(uint64_t);
    oi_cu_result (*memExportToShareableHandle)(void *, uint64_t, int32_t, uint64_t);
    oi_cu_result (*memImportFromShareableHandle)(uint64_t *, void *, int32_t);
    oi_cu_result (*memAddressReserve)(oi_cu_address *, size_t, size_t, oi_cu_address, uint64_t);
    oi_cu_result (*memAddressFree)(oi_cu_address, size_t);
    oi_cu_result (*memMap)(oi_cu_address, size_t, size_t, uint64_t, uint64_t);
    oi_cu_result (*memUnmap)(oi_cu_address, size_t);
    oi_cu_result (*memSetAccess)(oi_cu_address, size_t, const oi_cu_access *, size_t);
    oi_cu_result (*ipcGetMemHandle)(oi_cu_ipc_handle *, oi_cu_address);
    oi_cu_result (*ipcOpenMemHandle)(oi_cu_address *, oi_cu_ipc_handle, uint32_t);
    oi_cu_result (*ipcCloseMemHandle)(oi_cu_address);
} oi_cuda_api;

#endif
