#define _GNU_SOURCE
#include "CCUDA.h"

#include <dlfcn.h>
#include <string.h>

#define DRIVER(member, name) {name, offsetof(oi_cuda_api, member), 0}
#define DRIVER_IF_NEW(member, name) {name, offsetof(oi_cuda_api, member), 1}
#define COMPILER(member, name) {name, offsetof(oi_nvrtc_api, member), 0}

static const oi_cuda_symbol driverSymbols[] = {
    DRIVER(getErrorName, "cuGetErrorName"),
    DRIVER(getErrorString, "cuGetErrorString"),
    DRIVER(init, "cuInit"),
    DRIVER(driverGetVersion, "cuDriverGetVersion"),
    DRIVER(deviceGetCount, "cuDeviceGetCount"),
    DRIVER(deviceGet, "cuDeviceGet"),
    DRIVER(deviceGetName, "cuDeviceGetName"),
    DRIVER(deviceGetAttribute, "cuDeviceGetAttribute"),
    DRIVER(deviceTotalMem, "cuDeviceTotalMem_v2"),
    DRIVER(deviceCanAccessPeer, "cuDeviceCanAccessPeer"),
    DRIVER(devicePrimaryCtxRetain, "cuDevicePrimaryCtxRetain"),
    DRIVER(devicePrimaryCtxRelease, "cuDevicePrimaryCtxRelease_v2"),
    DRIVER(ctxSetCurrent, "cuCtxSetCurrent"),
    DRIVER(ctxSynchronize, "cuCtxSynchronize"),
    DRIVER(ctxEnablePeerAccess, "cuCtxEnablePeerAccess"),
    DRIVER(streamCreateWithPriority, "cuStreamCreateWithPriority"),
    DRIVER(streamDestroy, "cuStreamDestroy_v2"),
    DRIVER(streamSynchronize, "cuStreamSynchronize"),
    DRIVER(streamQuery, "cuStreamQuery"),
    DRIVER(streamWaitEvent, "cuStreamWaitEvent"),
    DRIVER(streamBeginCapture, "cuStreamBeginCapture_v2"),
    DRIVER(streamEndCapture, "cuStreamEndCapture"),
    DRIVER(eventCreate, "cuEventCreate"),
    DRIVER(eventDestroy, "cuEventDestroy_v2"),
    DRIVER(eventRecord, "cuEventRecord"),
    DRIVER(eventQuery, "cuEventQuery"),
    DRIVER(eventSynchronize, "cuEventSynchronize"),
    DRIVER(eventElapsedTime, "cuEventElapsedTime"),
    DRIVER(memGetInfo, "cuMemGetInfo_v2"),
    DRIVER(memAlloc, "cuMemAlloc_v2"),
    DRIVER(memFree, "cuMemFree_v2"),
    DRIVER(memHostAlloc, "cuMemHostAlloc"),
    DRIVER(memFreeHost, "cuMemFreeHost"),
    DRIVER(memcpyHtoDAsync, "cuMemcpyHtoDAsync_v2"),
    DRIVER(memcpyDtoHAsync, "cuMemcpyDtoHAsync_v2"),
    DRIVER(memcpyDtoDAsync, "cuMemcpyDtoDAsync_v2"),
    DRIVER(memsetD8Async, "cuMemsetD8Async"),
    DRIVER(moduleLoadData, "cuModuleLoadData"),
    DRIVER(moduleUnload, "cuModuleUnload"),
    DRIVER(moduleGetFunction, "cuModuleGetFunction"),
    DRIVER(funcGetAttribute, "cuFuncGetAttribute"),
    DRIVER(funcSetAttribute, "cuFuncSetAttribute"),
    DRIVER(occupancyMaxActiveBlocksPerMultiprocessor, "cuOccupancyMaxActiveBlocksPerMultiprocessor"),
    DRIVER(launchKernelEx, "cuLaunchKernelEx"),
    DRIVER(graphInstantiateWithFlags, "cuGraphInstantiateWithFlags"),
    DRIVER(graphLaunch, "cuGraphLaunch"),
    DRIVER(graphDestroy, "cuGraphDestroy"),
    DRIVER(graphExecDestroy, "cuGraphExecDestroy"),
    DRIVER(graphGetNodes, "cuGraphGetNodes"),
    DRIVER_IF_NEW(tensorMapEncodeTiled, "cuTensorMapEncodeTiled"),
    DRIVER_IF_NEW(tensorMapReplaceAddress, "cuTensorMapReplaceAddress"),
    DRIVER(memGetAllocationGranularity, "cuMemGetAllocationGranularity"),
    DRIVER(memCreate, "cuMemCreate"),
    DRIVER(memRelease, "cuMemRelease"),
    DRIVER(memExportToShareableHandle, "cuMemExportToShareableHandle"),
    DRIVER(memImportFromShareableHandle, "cuMemImportFromShareableHandle"),
    DRIVER(memAddressReserve, "cuMemAddressReserve"),
    DRIVER(memAddressFree, "cuMemAddressFree"),
    DRIVER(memMap, "cuMemMap"),
    DRIVER(memUnmap, "cuMemUnmap"),
    DRIVER(memSetAccess, "cuMemSetAccess"),
    DRIVER(ipcGetMemHandle, "cuIpcGetMemHandle"),
    DRIVER(ipcOpenMemHandle, "cuIpcOpenMemHandle_v2"),
    DRIVER(ipcCloseMemHandle, "cuIpcCloseMemHandle"),
};

static const oi_cuda_symbol compilerSymbols[] = {
    COMPILER(getErrorString, "nvrtcGetErrorString"),
    COMPILER(version, "nvrtcVersion"),
    COMPILER(createProgram, "nvrtcCreateProgram"),
    COMPILER(destroyProgram, "nvrtcDestroyProgram"),
    COMPILER(addNameExpression, "nvrtcAddNameExpression"),
    COMPILER(compileProgram, "nvrtcCompileProgram"),
    COMPILER(getLoweredName, "nvrtcGetLoweredName"),
    COMPILER(getProgramLogSize, "nvrtcGetProgramLogSize"),
    COMPILER(getProgramLog, "nvrtcGetProgramLog"),
    COMPILER(getCUBINSize, "nvrtcGetCUBINSize"),
    COMPILER(getCUBIN, "nvrtcGetCUBIN"),
};

const oi_cuda_symbol *oi_cuda_symbols(size_t *count) {
    *count = sizeof driverSymbols / sizeof *driverSymbols;
    return driverSymbols;
}
const oi_cuda_symbol *oi_nvrtc_symbols(size_t *count) {
    *count = sizeof compilerSymbols / sizeof *compilerSymbols;
    return compilerSymbols;
}

_Static_assert(sizeof(oi_cu_launch_attribute) == 72, "as CUlaunchAttribute");
_Static_assert(sizeof(oi_cu_launch_config) == 56, "as CUlaunchConfig");
_Static_assert(sizeof(oi_cu_tensor_map) == 128, "as CUtensorMap");
_Static_assert(sizeof(oi_cu_allocation_properties) == 32, "as CUmemAllocationProp");

int oi_library_path(const void *address, char *path, size_t capacity) {
    Dl_info information;
    if (dladdr(address, &information) == 0 || information.dli_fname == NULL) return -1;
    size_t length = strlen(information.dli_fname);
    if (length >= capacity) return -1;
    memcpy(path, information.dli_fname, length + 1);
    return 0;
}
