import CUDADriver
import DeviceRuntime
import InfraCore
import KernelJIT
import SimulatedCUDA
import Tensors
import Testing

@Suite("Tensors and launches on a device")
struct DeviceRuntimeTests {
    /// A simulated H200 with a simulated compiler.
    private func withGPU(_ body: (SimulatedDriver, GPU) throws -> Void) throws {
        let simulated = SimulatedDriver()
        try simulated.run { driver in
            let compiler = KernelCompiler(bundle: nil, cacheFolder: nil) {
                () throws(KernelError) in
                try NVRTC(api: SimulatedCompiler.table())
            }
            try body(simulated, GPU(0, driver: driver, compiler: compiler))
        }
        #expect(simulated.live.isEmpty, "everything was given back")
    }

    private let variant = KernelVariant(
        name: "test",
        source: KernelSource(fileName: "test.cu", text: "runtime"),
        entry: .symbol("kernel")
    )

    @Test(
        "a tensor survives the way to the device and back",
        arguments: [[], [0], [7], [3, 5, 2]]
    )
    func roundTrip(shape: [Int]) throws {
        try withGPU { _, gpu in
            let stream = try gpu.makeStream()
            let count = shape.reduce(1, *)
            let host = HostTensor((0..<count).map { Float($0) + 0.5 }, shape: shape)
            let device = try DeviceTensor(host, in: gpu.context, on: stream)
            let back = try device.hostTensor(on: stream)
            #expect(back.shape == shape && back.dtype == .float32)
            #expect(back.elements(of: Float.self) == host.elements(of: Float.self))
        }
    }

    @Test("views of host tensors arrive in row-major order; rows share device memory")
    func views() throws {
        try withGPU { simulated, gpu in
            let stream = try gpu.makeStream()
            let host = HostTensor((0..<6).map { Int32($0) }, shape: [2, 3])
            let device = try DeviceTensor(host.transposed(0, 1), in: gpu.context, on: stream)
            #expect(device.shape == [3, 2])
            let rows = try device.rows(from: 1, count: 2)
            #expect(rows.address == device.address + 8)
            #expect(try rows.hostTensor(on: stream).elements(of: Int32.self) == [1, 4, 2, 5])
            #expect(try device.reshaped(to: [6]).hostTensor(on: stream).shape == [6])
            #expect(simulated.live["buffer"] == 1)
        }
    }

    @Test("shapes that do not fit are refused by name")
    func mismatches() throws {
        try withGPU { _, gpu in
            let stream = try gpu.makeStream()
            let device = try DeviceTensor(uninitialized: [2, 3], dtype: .int32, in: gpu.context)
            #expect(throws: DeviceError.self) {
                try device.upload(HostTensor(zeros: [3, 2], dtype: .int32), on: stream)
            }
            #expect(throws: DeviceError.self) {
                try device.upload(HostTensor(zeros: [2, 3]), on: stream)
            }
            for (from, count) in [(-1, 1), (0, 3), (2, 1), (0, -1)] {
                let error = try #require(throws: DeviceError.self) {
                    _ = try device.rows(from: from, count: count)
                }
                #expect(error.code == .outOfRange)
            }
            #expect(throws: DeviceError.self) { _ = try device.reshaped(to: [5]) }
            #expect(throws: DeviceError.self) {
                _ = try DeviceTensor(uninitialized: [-1], dtype: .int32, in: gpu.context)
            }
            #expect(throws: DeviceError.self) {
                _ = try DeviceTensor(uninitialized: [.max, 2], dtype: .int32, in: gpu.context)
            }
            let memory = try #require(throws: CUDAError.self) {
                _ = try DeviceTensor(uninitialized: [1 << 30], dtype: .int32, in: gpu.context)
            }
            #expect(memory.code == .outOfMemory)
        }
    }

    @Test("a kernel is compiled and loaded once")
    func functions() throws {
        try withGPU { simulated, gpu in
            let first = try gpu.function(variant)
            let second = try gpu.function(variant)
            #expect(first === second)
            #expect(simulated.callCount("moduleLoadData") == 1)
        }
    }

    @Test("kernels of another architecture are refused with a way out")
    func architecture() throws {
        try withGPU { _, gpu in
            try gpu.require(architecture: ["sm_90a"], for: "a product")
            let error = try #require(throws: DeviceError.self) {
                try gpu.require(architecture: ["sm_100a"], for: "a product")
            }
            #expect(error.code == .wrongArchitecture)
            for part in ["a product", "sm_100a", "sm_90a", "CPU"] {
                #expect(error.message.contains(part), "\(error)")
            }
        }
    }

    @Test("a plan is made once per key; arguments change in place; the unused one goes first")
    func plans() throws {
        try withGPU { simulated, gpu in
            let stream = try gpu.makeStream()
            simulated.expect(argumentCount: 1)
            let cache = LaunchPlanCache<Int>(capacity: 2)
            var made: [Int] = []
            func call(_ key: Int, _ pointer: UInt64) throws {
                try cache.withPlan(for: key) {
                    made.append(key)
                    var arguments = KernelArguments()
                    try arguments.append(UInt64(0))
                    return try LaunchPlan(
                        gpu.function(variant),
                        LaunchConfiguration(grid: Dimensions(key), block: Dimensions(32)),
                        arguments
                    )
                } _: { plan in
                    try plan.arguments.replace(at: 0, with: pointer)
                    try plan.launch(on: stream)
                }
            }
            try call(1, 100)
            try call(2, 200)
            try call(1, 101)
            try call(3, 300)
            try call(1, 102)
            #expect(made == [1, 2, 3], "plan 2 was unused for longest")
            try call(2, 201)
            #expect(made == [1, 2, 3, 2])
            #expect(cache.count == 2)
            #expect(
                simulated.launches.map(\.arguments) == [[100], [200], [101], [300], [102], [201]]
            )
            #expect(simulated.launches.map { $0.grid[0] } == [1, 2, 1, 3, 1, 2])
        }
    }

    @Test("a plan that cannot be made is not kept")
    func failedPlan() throws {
        try withGPU { _, gpu in
            let cache = LaunchPlanCache<Int>()
            for _ in 0..<2 {
                #expect(throws: CUDAError.self) {
                    try cache.withPlan(for: 0) {
                        try LaunchPlan(
                            gpu.function(variant),
                            LaunchConfiguration(grid: Dimensions(0), block: Dimensions(1)),
                            KernelArguments()
                        )
                    } _: { _ in
                    }
                }
            }
            #expect(cache.count == 0)
        }
    }

    @Test("a plan's tensor map follows its tensor")
    func movedMap() throws {
        try withGPU { simulated, gpu in
            simulated.expect(argumentCount: 2)
            let stream = try gpu.makeStream()
            let tensor = try DeviceTensor(
                uninitialized: [8, 64],
                dtype: .bfloat16,
                in: gpu.context
            )
            let layout = try tensor.matrixLayout(boxRows: 8, boxColumns: 64, swizzle: .bytes128)
            #expect(layout.extents == [64, 8] && layout.byteStrides == [128])
            var arguments = KernelArguments()
            try arguments.append(TensorMap(layout, address: 4096, driver: gpu.driver))
            try arguments.append(UInt64(1))
            var plan = try LaunchPlan(
                gpu.function(variant),
                LaunchConfiguration(grid: Dimensions(1), block: Dimensions(1)),
                arguments
            )
            try plan.moveTensorMap(at: 0, to: tensor.address)
            try plan.launch(on: stream)
            #expect(simulated.launches.first?.arguments == [tensor.address, 1])
            var hasThrown = false
            do throws(CUDAError) { try plan.moveTensorMap(at: 1, to: 16) } catch {
                hasThrown = true
            }
            #expect(hasThrown)
        }
    }

    @Test("a measurement flushes the cache before each run and reports the median")
    func timer() throws {
        try withGPU { simulated, gpu in
            let stream = try gpu.makeStream()
            let timer = try DeviceTimer(gpu.context)
            var runs = 0
            let timing = try timer.measure(repetitions: 5, warmups: 2, on: stream) { _ in runs += 1
            }
            #expect(runs == 7 && timing.count == 5)
            #expect(timing.medianMicroseconds == 250)
            #expect(simulated.callCount("memset") == 7)
            #expect(timing.gigabytesPerSecond(byteCount: 250_000_000) == 1000)
            #expect(timing.teraflops(operationCount: 250e6) == 1)
        }
        #expect(DeviceTiming(microseconds: [4, 1, 3, 2]).medianMicroseconds == 2.5)
        #expect(DeviceTiming(microseconds: []).medianMicroseconds == 0)
        #expect(DeviceTiming(microseconds: []).gigabytesPerSecond(byteCount: 1) == 0)
    }

    @Test("the copy ceiling counts bytes read and written")
    func bandwidth() throws {
        try withGPU { _, gpu in
            let figure = try CopyBandwidth.gigabytesPerSecond(gpu.context, byteCount: 1000)
            #expect(figure == 2000.0 / 250 / 1000)
        }
    }
}
