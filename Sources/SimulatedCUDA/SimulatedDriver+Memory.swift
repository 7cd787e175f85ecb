import CCUDA

#if canImport(Glibc)
    import Glibc
#endif

extension SimulatedDriver {
    static func addMemory(to api: inout oi_cuda_api) {
        api.memGetInfo = { free, total in
            SimulatedDriver.call("memGetInfo") { state in
                free?.pointee = state.freeByteCount
                total?.pointee = 1 << 20
                return 0
            }
        }
        api.memAlloc = { address, byteCount in
            SimulatedDriver.call("memAlloc") { state in
                guard let allocated = state.allocate("buffer", byteCount) else { return 2 }
                address?.pointee = allocated
                return 0
            }
        }
        api.memFree = { address in SimulatedDriver.call("memFree") { $0.free("buffer", address) } }
        api.memHostAlloc = { pointer, byteCount, _ in
            SimulatedDriver.call("memHostAlloc") { state in
                guard let address = state.allocate("pinned", byteCount) else { return 2 }
                pointer?.pointee = UnsafeMutableRawPointer(bitPattern: UInt(address))
                return 0
            }
        }
        api.memFreeHost = { pointer in
            SimulatedDriver.call("memFreeHost") {
                $0.free("pinned", UInt64(UInt(bitPattern: pointer)))
            }
        }
        api.memcpyHtoDAsync = { to, from, byteCount, _ in
            SimulatedDriver.call("memcpyHtoD") { _ in
                SimulatedDriver.copy(UnsafeMutableRawPointer(bitPattern: UInt(to)), from, byteCount)
            }
        }
        api.memcpyDtoHAsync = { to, from, byteCount, _ in
            SimulatedDriver.call("memcpyDtoH") { _ in
                SimulatedDriver.copy(to, UnsafeRawPointer(bitPattern: UInt(from)), byteCount)
            }
        }
        api.memcpyDtoDAsync = { to, from, byteCount, _ in
            SimulatedDriver.call("memcpyDtoD") { _ in
                SimulatedDriver.copy(
                    UnsafeMutableRawPointer(bitPattern: UInt(to)),
                    UnsafeRawPointer(bitPattern: UInt(from)),
                    byteCount
                )
            }
        }
        api.memsetD8Async = { address, value, byteCount, _ in
            SimulatedDriver.call("memset") { _ in
                guard let memory = UnsafeMutableRawPointer(bitPattern: UInt(address)) else {
                    return 1
                }
                memset(memory, Int32(value), byteCount)
                return 0
            }
        }
    }

    static func addSharing(to api: inout oi_cuda_api) {
        api.memGetAllocationGranularity = { size, _, _ in
            size?.pointee = 4096
            return 0
        }
        api.memCreate = { handle, _, _, _ in
            SimulatedDriver.call("memCreate") { state in
                state.live["physical", default: 0] += 1
                handle?.pointee = 77
                return 0
            }
        }
        api.memRelease = { _ in SimulatedDriver.call("memRelease") { $0.destroy("physical") } }
        api.memExportToShareableHandle = { out, _, _, _ in
            SimulatedDriver.call("memExport") { _ in
                out?.storeBytes(of: 42, as: Int32.self)
                return 0
            }
        }
        api.memImportFromShareableHandle = { handle, descriptor, _ in
            SimulatedDriver.call("memImport") { state in
                guard UInt(bitPattern: descriptor) == 42 else { return 1 }
                state.live["physical", default: 0] += 1
                handle?.pointee = 77
                return 0
            }
        }
        api.memAddressReserve = { address, byteCount, _, _, _ in
            SimulatedDriver.call("memAddressReserve") { state in
                guard let allocated = state.allocate("range", byteCount) else { return 2 }
                address?.pointee = allocated
                return 0
            }
        }
        api.memAddressFree = { address, _ in
            SimulatedDriver.call("memAddressFree") { $0.free("range", address) }
        }
        api.memMap = { _, _, _, _, _ in
            SimulatedDriver.call("memMap") { state in
                state.live["mapping", default: 0] += 1
                return 0
            }
        }
        api.memUnmap = { _, _ in SimulatedDriver.call("memUnmap") { $0.destroy("mapping") } }
        api.memSetAccess = { _, _, _, _ in SimulatedDriver.call("memSetAccess") { _ in 0 } }
        api.ipcGetMemHandle = { handle, address in
            SimulatedDriver.call("ipcGetMemHandle") { _ in
                guard let handle else { return 1 }
                withUnsafeMutableBytes(of: &handle.pointee) {
                    $0.storeBytes(of: address, as: UInt64.self)
                }
                return 0
            }
        }
        api.ipcOpenMemHandle = { address, handle, _ in
            SimulatedDriver.call("ipcOpenMemHandle") { state in
                state.live["imported", default: 0] += 1
                address?.pointee = withUnsafeBytes(of: handle) { $0.load(as: UInt64.self) }
                return 0
            }
        }
        api.ipcCloseMemHandle = { _ in
            SimulatedDriver.call("ipcCloseMemHandle") { $0.destroy("imported") }
        }
    }

    private static func copy(
        _ to: UnsafeMutableRawPointer?,
        _ from: UnsafeRawPointer?,
        _ byteCount: Int
    ) -> Int32 {
        guard let to, let from else { return 1 }
        memcpy(to, from, byteCount)
        return 0
    }
}
