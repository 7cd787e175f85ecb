import CUDADriver
import InfraCore
import SimulatedCUDA
import Testing

@Suite("Ownership of what the driver makes")
struct OwnershipTests {
    @Test("every owner gives its object back, and the context goes last")
    func releases() throws {
        let simulated = SimulatedDriver()
        try simulated.run { driver in
            let context = try CUDAContext(driver.device(0))
            let stream = try CUDAStream(context)
            let event = try CUDAEvent(context)
            let buffer = try DeviceBuffer(context, byteCount: 100)
            let pinned = try PinnedBuffer(context, byteCount: 100)
            let module = try CUDAModule(context, image: [1, 2, 3])
            let graph = try stream.capture { _ in }
            let executable = try graph.instantiate()
            let shared = try SharedAllocation(context, byteCount: 5000)
            #expect(
                simulated.live == [
                    "context": 1, "stream": 1, "event": 1, "buffer": 1, "pinned": 1, "module": 1,
                    "graph": 1, "executable graph": 1, "physical": 1, "range": 1, "mapping": 1,
                ]
            )
            #expect(shared.byteCount == 8192, "rounded up to the granularity")
            try executable.launch(on: stream)
            try event.record(on: stream)
            #expect(buffer.address % 256 == 0)
            #expect(pinned.base != nil)
            #expect(try graph.nodeCount() == 7)
            withExtendedLifetime(module) {}
        }
        #expect(simulated.live.isEmpty)
    }

    @Test("a function keeps its module, a module its context")
    func functionKeepsModule() throws {
        let simulated = SimulatedDriver()
        try simulated.run { driver in
            var function: CUDAFunction? =
                try CUDAModule(CUDAContext(driver.device(0)), image: [0]).function(named: "kernel")
            #expect(simulated.live == ["context": 1, "module": 1])
            #expect(function?.name == "kernel")
            function = nil
            #expect(simulated.live.isEmpty)
        }
    }

    @Test("an empty buffer asks the driver for nothing")
    func emptyBuffer() throws {
        let simulated = SimulatedDriver()
        try simulated.run { driver in
            let context = try CUDAContext(driver.device(0))
            let buffer = try DeviceBuffer(context, byteCount: 0)
            let pinned = try PinnedBuffer(context, byteCount: 0)
            let stream = try CUDAStream(context)
            try buffer.range().fill(1, on: stream)
            #expect(buffer.address == 0 && pinned.base == nil)
            #expect(simulated.callCount("memAlloc") == 0)
            #expect(simulated.callCount("memset") == 0)
        }
    }

    @Test("a half-made mapping is taken apart", arguments: ["memMap", "memSetAccess"])
    func halfMadeMapping(function: String) throws {
        let simulated = SimulatedDriver()
        try simulated.run { driver in
            let context = try CUDAContext(driver.device(0))
            simulated.fail(function, with: 999)
            #expect(throws: CUDAError.self) {
                _ = try SharedAllocation(context, byteCount: 1)
            }
            #expect(simulated.live == ["context": 1])
        }
    }

    @Test("closing a stream reports what destroying it silently would hide")
    func close() throws {
        let simulated = SimulatedDriver()
        try simulated.run { driver in
            let context = try CUDAContext(driver.device(0))
            try CUDAStream(context).close()
            #expect(simulated.callCount("streamDestroy") == 1)
            simulated.fail("streamDestroy", with: 700)
            let error = try #require(throws: CUDAError.self) {
                try CUDAStream(context).close()
            }
            #expect(error.code == .contextLost)
        }
    }

    @Test("a recording that fails leaves the stream usable and no graph behind")
    func failedCapture() throws {
        struct Refusal: Error {}
        let simulated = SimulatedDriver()
        try simulated.run { driver in
            let stream = try CUDAStream(CUDAContext(driver.device(0)))
            #expect(throws: Refusal.self) { _ = try stream.capture { _ in throw Refusal() } }
            #expect(simulated.live == ["context": 1, "stream": 1])
            simulated.fail("streamEndCapture", with: 901)
            #expect(throws: CUDAError.self) { _ = try stream.capture { _ in } }
        }
    }
}
