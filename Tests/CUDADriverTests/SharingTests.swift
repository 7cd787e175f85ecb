import CUDADriver
import InfraCore
import SimulatedCUDA
import Testing

@Suite("Memory shared with other processes")
struct SharingTests {
    @Test("a file descriptor can be exported and imported")
    func descriptor() throws {
        let simulated = SimulatedDriver()
        try simulated.run { driver in
            let context = try CUDAContext(driver.device(0))
            let shared = try SharedAllocation(context, byteCount: 4096)
            let descriptor = try shared.exportDescriptor()
            let imported = try SharedAllocation(importing: descriptor, byteCount: 4096, context)
            #expect(imported.address != shared.address)
            #expect(simulated.live["physical"] == 2)
        }
        #expect(simulated.live.isEmpty)
    }

    @Test("a descriptor that is no memory is refused")
    func wrongDescriptor() throws {
        try SimulatedDriver().run { driver in
            let context = try CUDAContext(driver.device(0))
            let error = try #require(throws: CUDAError.self) {
                _ = try SharedAllocation(importing: 7, byteCount: 4096, context)
            }
            #expect(error.message.contains("file descriptor 7"))
        }
    }

    @Test("an IPC handle names its buffer; only 64 bytes are a handle")
    func handle() throws {
        let simulated = SimulatedDriver()
        try simulated.run { driver in
            let context = try CUDAContext(driver.device(0))
            let buffer = try DeviceBuffer(context, byteCount: 64)
            let handle = try IPCHandle(bytes: buffer.ipcHandle().bytes)
            let imported = try ImportedBuffer(handle, byteCount: 64, context)
            #expect(imported.range.address == buffer.address)
            #expect(throws: CUDAError.self) { _ = try IPCHandle(bytes: [1, 2]) }
            let empty = try DeviceBuffer(context, byteCount: 0)
            #expect(throws: CUDAError.self) { _ = try empty.ipcHandle() }
        }
        #expect(simulated.live.isEmpty)
    }

    @Test("access to a peer may be asked for twice; without a link it is refused")
    func peers() throws {
        let simulated = SimulatedDriver()
        try simulated.run { driver in
            let first = try CUDAContext(driver.device(0))
            let second = try CUDAContext(driver.device(1))
            try first.enableAccess(to: second)
            simulated.fail("ctxEnablePeerAccess", with: 704)
            try first.enableAccess(to: second)
            simulated.fail("ctxEnablePeerAccess", with: 217)
            #expect(throws: CUDAError.self) { try first.enableAccess(to: second) }
        }
    }
}
