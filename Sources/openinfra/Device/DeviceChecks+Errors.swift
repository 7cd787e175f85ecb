import CUDADriver
import DeviceRuntime
import InfraCore
import KernelJIT
import Tensors

extension DeviceChecks {
    /// Provokes one error of each kind and does ordinary work after each.
    func errorsAndRecovery() throws -> String {
        let stream = try gpu.makeStream()
        let function = try gpu.function(DeviceCheckKernels.add)
        let attempts: [Attempt] = [
            Attempt("out of memory", hasCode(.outOfMemory)) {
                _ = try DeviceBuffer(gpu.context, byteCount: 1 << 46)
            },
            Attempt("compile error", isCompileError) {
                _ = try gpu.function(brokenKernel)
            },
            Attempt("missing kernel", hasCode(.invalidArgument)) {
                _ = try function.module.function(named: "no_such_kernel")
            },
            Attempt("damaged machine code", hasCode(.wrongArchitecture)) {
                _ = try CUDAModule(gpu.context, image: [UInt8](repeating: 0, count: 256))
            },
            Attempt("too much shared memory", hasCode(.invalidArgument)) {
                var configuration = single
                configuration.sharedMemoryByteCount = 1 << 20
                try launch(function, configuration)
            },
            Attempt("too many blocks for a cooperative launch", hasCode(.invalidArgument)) {
                var configuration = single
                configuration.grid = Dimensions(1 << 20)
                configuration.isCooperative = true
                try launch(function, configuration)
            },
            Attempt("misaligned tensor map", hasCode(.invalidArgument)) {
                _ = try TensorMap(
                    TensorMapLayout(.uint8, extents: [64], byteStrides: [], box: [64]),
                    address: 8,
                    driver: gpu.driver
                )
            },
        ]
        for attempt in attempts {
            do {
                try attempt.body()
                throw Finding("\(attempt.name): no error was thrown")
            } catch  where attempt.isExpected(error) {
                let values = try zeros(16, on: stream)
                try addPlan(values).launch(on: stream)
                let found = try values.hostTensor(on: stream).elements(of: Int32.self)
                try require(
                    found == [Int32](repeating: 1, count: 16),
                    "\(attempt.name): the device does not work afterwards"
                )
            }
        }
        return attempts.map(\.name).joined(separator: ", ")
    }

    func boundedWait() throws -> String {
        let stream = try gpu.makeStream()
        let other = try gpu.makeStream()
        let flag = try zeros(1, on: other)
        try other.synchronize()
        var arguments = KernelArguments()
        try arguments.append(flag.address)
        try arguments.append(UInt64.max)
        try gpu.function(DeviceCheckKernels.spin).launch(
            LaunchConfiguration(grid: Dimensions(1), block: Dimensions(1)),
            arguments,
            on: stream
        )
        var hasTimedOut = false
        do throws(CUDAError) {
            try stream.synchronize(until: Deadline(after: .milliseconds(50)))
        } catch {
            hasTimedOut = error.code == .timedOut
        }
        // Whatever happened, the kernel must end before its memory goes.
        try flag.range.fill(1, on: other)
        try stream.synchronize(until: Deadline(after: .seconds(10)))
        try require(hasTimedOut, "the wait did not end with a time-out")
        return "after 50 ms; the stream went on when the kernel ended"
    }

    private var brokenKernel: KernelVariant {
        KernelVariant(
            name: "broken",
            source: KernelSource(fileName: "broken.cu", text: "__global__ void broken() { oops; }"),
            entry: .symbol("broken")
        )
    }

    /// A program that starts from a bundle may have no compiler, which is another clear error.
    private func isCompileError(_ error: any Error) -> Bool {
        let code = (error as? KernelError)?.code
        return code == .compilationFailed || code == .compilerMissing
    }

    private func hasCode(_ code: CUDAErrorCode) -> (any Error) -> Bool {
        { ($0 as? CUDAError)?.code == code }
    }

    /// One block of one thread.
    private var single: LaunchConfiguration {
        LaunchConfiguration(grid: Dimensions(1), block: Dimensions(1))
    }

    private func launch(
        _ function: CUDAFunction,
        _ configuration: LaunchConfiguration
    ) throws {
        var arguments = KernelArguments()
        try arguments.append(UInt64(0))
        try arguments.append(UInt32(0))
        try arguments.append(UInt32(0))
        try function.launch(configuration, arguments, on: gpu.makeStream())
    }
}

/// Something that must fail in a certain way.
private struct Attempt {
    var name: String
    var isExpected: (any Error) -> Bool
    var body: () throws -> Void

    init(
        _ name: String,
        _ isExpected: @escaping (any Error) -> Bool,
        _ body: @escaping () throws -> Void
    ) {
        self.name = name
        self.isExpected = isExpected
        self.body = body
    }
}
