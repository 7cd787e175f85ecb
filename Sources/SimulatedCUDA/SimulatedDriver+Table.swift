package import CCUDA

#if canImport(Glibc)
    import Glibc
#endif

extension SimulatedDriver {
    /// The driver's table; errors are named after their numbers.
    package static func table() -> oi_cuda_api {
        var api = oi_cuda_api()
        addDevices(to: &api)
        addStreams(to: &api)
        addMemory(to: &api)
        addKernels(to: &api)
        addSharing(to: &api)
        return api
    }

    private static func addDevices(to api: inout oi_cuda_api) {
        api.getErrorName = { status, name in
            name?.pointee = status == 2 ? outOfMemoryName : otherName
            return 0
        }
        api.getErrorString = { _, text in
            text?.pointee = explanation
            return 0
        }
        api.`init` = { _ in SimulatedDriver.call("init") { _ in 0 } }
        api.driverGetVersion = { version in
            version?.pointee = 13000
            return 0
        }
        api.deviceGetCount = { count in
            SimulatedDriver.call("deviceGetCount") { _ in
                count?.pointee = 2
                return 0
            }
        }
        api.deviceGet = { device, ordinal in
            device?.pointee = ordinal
            return 0
        }
        api.deviceGetName = { name, capacity, _ in
            if let name { strncpy(name, "Simulated H200", Int(capacity)) }
            return 0
        }
        api.deviceGetAttribute = { value, attribute, _ in
            // Compute capability 9.0 and the limits of an H200.
            let values: [Int32: Int32] = [
                1: 1024, 16: 132, 38: 4096, 75: 9, 76: 0, 97: 232_448, 103: 1,
            ]
            value?.pointee = values[attribute] ?? 0
            return 0
        }
        api.deviceTotalMem = { size, _ in
            size?.pointee = 1 << 20
            return 0
        }
        api.deviceCanAccessPeer = { answer, _, _ in
            SimulatedDriver.call("deviceCanAccessPeer") { _ in
                answer?.pointee = 1
                return 0
            }
        }
        api.devicePrimaryCtxRetain = { context, _ in
            SimulatedDriver.call("devicePrimaryCtxRetain") { state in
                context?.pointee = state.make("context")
                return 0
            }
        }
        api.devicePrimaryCtxRelease = { _ in
            SimulatedDriver.call("devicePrimaryCtxRelease") { $0.destroy("context") }
        }
        api.ctxSetCurrent = { _ in SimulatedDriver.call("ctxSetCurrent") { _ in 0 } }
        api.ctxSynchronize = { 0 }
        api.ctxEnablePeerAccess = { _, _ in SimulatedDriver.call("ctxEnablePeerAccess") { _ in 0 } }
    }

    private static func addStreams(to api: inout oi_cuda_api) {
        api.streamCreateWithPriority = { stream, _, _ in
            SimulatedDriver.call("streamCreate") { state in
                stream?.pointee = state.make("stream")
                return 0
            }
        }
        api.streamDestroy = { _ in SimulatedDriver.call("streamDestroy") { $0.destroy("stream") } }
        api.streamQuery = { _ in SimulatedDriver.call("streamQuery") { $0.answer() } }
        api.streamWaitEvent = { _, _, _ in SimulatedDriver.call("streamWaitEvent") { _ in 0 } }
        api.streamBeginCapture = { _, _ in
            SimulatedDriver.call("streamBeginCapture") { state in
                state.live["capture", default: 0] += 1
                return 0
            }
        }
        api.streamEndCapture = { _, graph in
            SimulatedDriver.call("streamEndCapture") { state in
                graph?.pointee = state.make("graph")
                return state.destroy("capture")
            }
        }
        api.eventCreate = { event, _ in
            SimulatedDriver.call("eventCreate") { state in
                event?.pointee = state.make("event")
                return 0
            }
        }
        api.eventDestroy = { _ in SimulatedDriver.call("eventDestroy") { $0.destroy("event") } }
        api.eventRecord = { _, _ in SimulatedDriver.call("eventRecord") { _ in 0 } }
        api.eventQuery = { _ in SimulatedDriver.call("eventQuery") { $0.answer() } }
        api.eventElapsedTime = { milliseconds, _, _ in
            SimulatedDriver.call("eventElapsedTime") { _ in
                milliseconds?.pointee = 0.25
                return 0
            }
        }
        api.graphInstantiateWithFlags = { executable, _, _ in
            SimulatedDriver.call("graphInstantiate") { state in
                executable?.pointee = state.make("executable graph")
                return 0
            }
        }
        api.graphLaunch = { _, _ in SimulatedDriver.call("graphLaunch") { _ in 0 } }
        api.graphDestroy = { _ in SimulatedDriver.call("graphDestroy") { $0.destroy("graph") } }
        api.graphExecDestroy = { _ in
            SimulatedDriver.call("graphExecDestroy") { $0.destroy("executable graph") }
        }
        api.graphGetNodes = { _, _, count in
            count?.pointee = 7
            return 0
        }
    }
}

extension SimulatedDriver.State {
    /// What a query answers: not ready while the device is to seem busy.
    mutating func answer() -> Int32 {
        if busyQueries == 0 { return 0 }
        busyQueries -= 1
        return Int32(OI_CU_ERROR_NOT_READY)
    }
}

// C strings that live as long as the process.
private nonisolated(unsafe) let outOfMemoryName = UnsafePointer(
    strdup("CUDA_ERROR_OUT_OF_MEMORY")
)
private nonisolated(unsafe) let otherName = UnsafePointer(strdup("CUDA_ERROR_SIMULATED"))
private nonisolated(unsafe) let explanation = UnsafePointer(strdup("planted by a test"))
