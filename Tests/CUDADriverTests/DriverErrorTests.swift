import CUDADriver
import InfraCore
import SimulatedCUDA
import Testing

@Suite("Errors of the driver")
struct DriverErrorTests {
    @Test("without a driver: one error that names what was tried and how to get it")
    func missing() throws {
        let error = try #require(throws: CUDAError.self) {
            _ = try Driver(openingFirstOf: ["libno-such-cuda.so.1"])
        }
        #expect(error.code == .driverMissing)
        for part in ["libno-such-cuda.so.1", "driver"] {
            #expect("\(error)".contains(part), "\(error)")
        }
    }

    @Test("a library that is no driver: the error names the absent function")
    func wrongLibrary() throws {
        let error = try #require(throws: CUDAError.self) {
            _ = try Driver(openingFirstOf: ["libm.so.6"])
        }
        #expect(error.code == .driverMissing)
        #expect("\(error)".contains("cuGetErrorName"), "\(error)")
    }

    @Test("out of memory names the call, its argument, CUDA's name and what is free")
    func outOfMemory() throws {
        let simulated = SimulatedDriver()
        try simulated.run { driver in
            let context = try CUDAContext(driver.device(0))
            let error = try #require(throws: CUDAError.self) {
                _ = try DeviceBuffer(context, byteCount: 1 << 30)
            }
            #expect(error.code == .outOfMemory)
            let cause = try #require(error.cause as? CUDACallFailure)
            #expect(cause.function == "cuMemAlloc")
            #expect(cause.arguments == "byteCount: \(1 << 30)")
            #expect(cause.name == "CUDA_ERROR_OUT_OF_MEMORY")
            #expect(cause.status == 2)
            #expect(error.message.contains("\(1 << 20) are free"), "\(error)")
            let after = try DeviceBuffer(context, byteCount: 16)
            #expect(after.address != 0, "the context is still usable")
        }
    }

    @Test(
        "each status has its kind",
        arguments: [
            (1, CUDAErrorCode.invalidArgument), (2, .outOfMemory), (100, .deviceMissing),
            (209, .wrongArchitecture), (700, .contextLost), (719, .contextLost),
            (720, .invalidArgument), (801, .notSupported), (999, .callFailed),
        ] as [(Int32, CUDAErrorCode)]
    )
    func kinds(status: Int32, code: CUDAErrorCode) throws {
        let simulated = SimulatedDriver()
        try simulated.run { driver in
            let context = try CUDAContext(driver.device(0))
            simulated.fail("moduleLoadData", with: status)
            let error = try #require(throws: CUDAError.self) {
                _ = try CUDAModule(context, image: [0])
            }
            #expect(error.code == code)
            #expect(error.message.contains("sm_90a"), "\(error)")
        }
    }

    @Test("a device that is not there", arguments: [-1, 2, 99])
    func missingDevice(ordinal: Int) throws {
        try SimulatedDriver().run { driver in
            let error = try #require(throws: CUDAError.self) { _ = try driver.device(ordinal) }
            #expect(error.code == .deviceMissing)
            #expect(error.message.contains("device \(ordinal)"))
            #expect(error.message.contains("sees 2"))
        }
    }

    @Test("a driver that does not start")
    func noStart() throws {
        let simulated = SimulatedDriver()
        simulated.fail("init", with: 100)
        let error = try #require(throws: CUDAError.self) { try simulated.run { _ in } }
        #expect(error.code == .deviceMissing)
    }

    @Test("a kernel that is not in its module")
    func missingKernel() throws {
        try SimulatedDriver().run { driver in
            let module = try CUDAModule(CUDAContext(driver.device(0)), image: [0])
            let error = try #require(throws: CUDAError.self) {
                _ = try module.function(named: "absent")
            }
            #expect(error.code == .invalidArgument)
            #expect(error.message.contains("absent"))
        }
    }

    @Test("a wait ends at its deadline and says whom it waited for")
    func timeout() throws {
        let simulated = SimulatedDriver()
        try simulated.run { driver in
            let context = try CUDAContext(driver.device(1))
            let stream = try CUDAStream(context)
            simulated.stayBusy(forQueries: .max)
            let error = try #require(throws: CUDAError.self) {
                try stream.synchronize(until: Deadline(after: .milliseconds(5)))
            }
            #expect(error.code == .timedOut)
            #expect(error.message.contains("device 1"))
            let event = try CUDAEvent(context)
            let other = try #require(throws: CUDAError.self) {
                try event.synchronize(until: Deadline(after: .milliseconds(5)))
            }
            #expect(other.code == .timedOut)
            simulated.stayBusy(forQueries: 3)
            try stream.synchronize()
        }
    }

    @Test("copies of another length are refused before the driver sees them")
    func lengths() throws {
        let simulated = SimulatedDriver()
        try simulated.run { driver in
            let context = try CUDAContext(driver.device(0))
            let stream = try CUDAStream(context)
            let buffer = try DeviceBuffer(context, byteCount: 8)
            let pinned = try PinnedBuffer(context, byteCount: 4)
            let range = try buffer.range()
            #expect(throws: CUDAError.self) {
                try [UInt8](repeating: 0, count: 9).withUnsafeBytes {
                    try range.upload($0, on: stream)
                }
            }
            #expect(throws: CUDAError.self) { try range.enqueueUpload(of: pinned, on: stream) }
            #expect(throws: CUDAError.self) { try range.enqueueDownload(to: pinned, on: stream) }
            let half = try buffer.range(byteCount: 4)
            #expect(throws: CUDAError.self) { try range.copy(from: half, on: stream) }
            for (offset, count) in [(-1, 1), (0, 9), (8, 1), (4, -1)] {
                #expect(throws: CUDAError.self) {
                    _ = try buffer.range(from: offset, byteCount: count)
                }
            }
            #expect(simulated.callCount("memcpyHtoD") == 0)
            try half.enqueueUpload(of: pinned, on: stream)
            #expect(simulated.callCount("memcpyHtoD") == 1)
        }
    }
}
