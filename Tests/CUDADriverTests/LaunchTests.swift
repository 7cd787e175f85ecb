import CUDADriver
import InfraCore
import SimulatedCUDA
import Testing

@Suite("Launches")
struct LaunchTests {
    /// Runs `body` with a kernel and a stream of a simulated H200.
    private func withKernel(
        _ body: (SimulatedDriver, CUDAFunction, borrowing CUDAStream) throws -> Void
    ) throws {
        let simulated = SimulatedDriver()
        try simulated.run { driver in
            let context = try CUDAContext(driver.device(0))
            let function = try CUDAModule(context, image: [0]).function(named: "kernel")
            try body(simulated, function, CUDAStream(context))
        }
    }

    @Test("the driver sees extents, shared memory, attributes and arguments")
    func everything() throws {
        try withKernel { simulated, function, stream in
            simulated.expect(argumentCount: 3)
            var arguments = KernelArguments()
            try arguments.append(UInt64(0xABCD))
            try arguments.append(Int64(-1))
            try arguments.append(Double(1.5))
            let configuration = LaunchConfiguration(
                grid: Dimensions(8, 4, 2),
                block: Dimensions(128, 2),
                cluster: Dimensions(4, 2),
                sharedMemoryByteCount: 100_000,
                startsBeforePredecessorEnds: true,
                isCooperative: true
            )
            try function.launch(configuration, arguments, on: stream)
            let launch = try #require(simulated.launches.first)
            #expect(launch.grid == [8, 4, 2])
            #expect(launch.block == [128, 2, 1])
            #expect(launch.sharedByteCount == 100_000)
            // Attribute 4 is the cluster, 6 programmatic serialization, 2 cooperation.
            #expect(launch.attributes == [4: [4, 2, 1], 6: [1, 0, 0], 2: [1, 0, 0]])
            #expect(
                launch.arguments == [0xABCD, UInt64.max, Double(1.5).bitPattern]
            )
            // Attribute 8 allows dynamic shared memory.
            #expect(simulated.functionAttributes == [8: 100_000])
        }
    }

    @Test("a plain launch has no attributes and asks for nothing")
    func plain() throws {
        try withKernel { simulated, function, stream in
            let configuration = LaunchConfiguration(
                grid: Dimensions(1),
                block: Dimensions(1),
                sharedMemoryByteCount: 48 * 1024
            )
            try function.launch(configuration, KernelArguments(), on: stream)
            #expect(simulated.launches.first?.attributes == [:])
            #expect(simulated.functionAttributes.isEmpty)
        }
    }

    @Test("more than the defaults is asked for once; large clusters too")
    func onlyOnce() throws {
        try withKernel { simulated, function, stream in
            let configuration = LaunchConfiguration(
                grid: Dimensions(16),
                block: Dimensions(1),
                cluster: Dimensions(16),
                sharedMemoryByteCount: 200_000
            )
            for _ in 0..<3 {
                try function.launch(configuration, KernelArguments(), on: stream)
            }
            #expect(simulated.callCount("funcSetAttribute") == 2)
            #expect(simulated.functionAttributes == [8: 200_000, 14: 1])
            #expect(simulated.launches.count == 3)
        }
    }

    @Test("a prepared launch costs two driver calls")
    func prepared() throws {
        try withKernel { simulated, function, stream in
            let prepared = try PreparedLaunch(
                function,
                LaunchConfiguration(grid: Dimensions(1), block: Dimensions(32))
            )
            let arguments = KernelArguments()
            let before = simulated.callCount("ctxSetCurrent")
            for _ in 0..<10 { try prepared.launch(arguments, on: stream) }
            #expect(simulated.callCount("ctxSetCurrent") - before == 10)
            #expect(simulated.launches.count == 10)
        }
    }

    @Test(
        "a configuration that does not fit is refused by name",
        arguments: [
            (LaunchConfiguration(grid: Dimensions(0), block: Dimensions(1)), "grid"),
            (LaunchConfiguration(grid: Dimensions(1, 65536), block: Dimensions(1)), "grid"),
            (LaunchConfiguration(grid: Dimensions(1), block: Dimensions(1025)), "block"),
            (LaunchConfiguration(grid: Dimensions(1), block: Dimensions(512, 3)), "block"),
            (LaunchConfiguration(grid: Dimensions(1), block: Dimensions(1, 1, 65)), "block"),
            (
                LaunchConfiguration(
                    grid: Dimensions(3),
                    block: Dimensions(1),
                    cluster: Dimensions(2)
                ),
                "multiple"
            ),
            (
                LaunchConfiguration(
                    grid: Dimensions(32, 2),
                    block: Dimensions(1),
                    cluster: Dimensions(16, 2)
                ),
                "cluster"
            ),
            (
                LaunchConfiguration(
                    grid: Dimensions(1),
                    block: Dimensions(1),
                    sharedMemoryByteCount: 232_449
                ),
                "232448"
            ),
            (
                LaunchConfiguration(
                    grid: Dimensions(1),
                    block: Dimensions(1),
                    sharedMemoryByteCount: -1
                ),
                "sharedMemoryByteCount is -1"
            ),
        ]
    )
    func refused(configuration: LaunchConfiguration, part: String) throws {
        try withKernel { simulated, function, stream in
            let error = try #require(throws: CUDAError.self) {
                try function.launch(configuration, KernelArguments(), on: stream)
            }
            #expect(error.code == .invalidArgument)
            #expect(error.message.contains(part), "\(error)")
            #expect(error.message.contains("kernel"))
            #expect(simulated.launches.isEmpty)
        }
    }

    @Test("a refusal of the driver names the kernel and its extents")
    func driverRefuses() throws {
        try withKernel { simulated, function, stream in
            simulated.fail("launchKernelEx", with: 701)
            let error = try #require(throws: CUDAError.self) {
                try function.launch(
                    LaunchConfiguration(grid: Dimensions(7), block: Dimensions(33)),
                    KernelArguments(),
                    on: stream
                )
            }
            #expect(error.code == .invalidArgument)
            for part in ["kernel", "7x1x1", "33x1x1", "cuLaunchKernelEx"] {
                #expect("\(error)".contains(part), "\(error)")
            }
        }
    }

    @Test("arguments can be replaced by others of the same size, and only those")
    func arguments() throws {
        var arguments = KernelArguments()
        try arguments.append(UInt32(1))
        try arguments.append(UInt64(2))
        try arguments.replace(at: 0, with: Int32(-5))
        #expect(arguments.value(at: 0, as: Int32.self) == -5)
        #expect(arguments.value(at: 1, as: UInt64.self) == 2)
        #expect(arguments.value(at: 1, as: UInt32.self) == nil)
        for index in [-1, 2] {
            var hasThrown = false
            do throws(CUDAError) {
                try arguments.replace(at: index, with: UInt32(0))
            } catch {
                hasThrown = error.code == .invalidArgument
            }
            #expect(hasThrown)
        }
        var count = 2
        var isFull = false
        while !isFull, count < 1000 {
            do throws(CUDAError) {
                try arguments.append(UInt8(0))
                count += 1
            } catch {
                isFull = true
                #expect(error.message.contains("64"))
            }
        }
        #expect(count == KernelArguments.maxCount)
    }
}
