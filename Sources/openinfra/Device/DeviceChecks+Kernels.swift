import CUDADriver
import DeviceRuntime
import Tensors

extension DeviceChecks {
    func copies() throws -> String {
        let stream = try gpu.makeStream()
        let host = HostTensor((0..<1_000_003).map { Int32($0) })
        let device = try DeviceTensor(host, in: gpu.context, on: stream)
        let back = try device.rows(from: 1, count: 1_000_002).hostTensor(on: stream)
        try require(
            back.elements(of: Int32.self) == Array(1..<1_000_003).map { Int32($0) },
            "elements differ after a round trip"
        )
        return "1000003 elements, and a slice of them"
    }

    /// Adds 1, then 2, ... to every element, each launch depending on the one before.
    func dependentLaunches() throws -> String {
        let stream = try gpu.makeStream()
        let values = try zeros(1 << 20, on: stream)
        var plan = try addPlan(values)
        for increment in 1...UInt32(100) {
            try plan.arguments.replace(at: 1, with: increment)
            try plan.launch(on: stream)
        }
        let found = try values.hostTensor(on: stream).elements(of: Int32.self)
        try require(found.allSatisfy { $0 == 5050 }, "the sum is \(found[0]), not 5050")
        return "100 launches in order"
    }

    func graphReplay() throws -> String {
        let stream = try gpu.makeStream()
        let values = try zeros(1 << 16, on: stream)
        let plan = try addPlan(values)
        let graph = try stream.capture { stream in
            for _ in 0..<5 { try plan.launch(on: stream) }
        }
        let executable = try graph.instantiate()
        for _ in 0..<20 { try executable.launch(on: stream) }
        let found = try values.hostTensor(on: stream).elements(of: Int32.self)
        try require(found.allSatisfy { $0 == 100 }, "the sum is \(found[0]), not 100")
        return "\(try graph.nodeCount()) launches replayed 20 times"
    }

    func clusters() throws -> String {
        let stream = try gpu.makeStream()
        let function = try gpu.function(DeviceCheckKernels.cluster)
        var details: [String] = []
        for size in [2, 4, 8, 16] {
            let blockCount = 64
            let words = 25_600
            let correct = try zeros(blockCount, on: stream)
            var arguments = KernelArguments()
            try arguments.append(correct.address)
            try arguments.append(UInt32(words))
            let configuration = LaunchConfiguration(
                grid: Dimensions(blockCount),
                block: Dimensions(256),
                cluster: Dimensions(size),
                sharedMemoryByteCount: words * 4
            )
            try function.launch(configuration, arguments, on: stream)
            let found = try correct.hostTensor(on: stream).elements(of: Int32.self)
            try require(
                found.allSatisfy { $0 == Int32(words) },
                "clusters of \(size): a block found \(found.min() ?? 0) of \(words) words"
            )
            details.append("\(size)")
        }
        return "clusters of \(details.joined(separator: ", ")) blocks"
    }

    func copyEngine() throws -> String {
        let stream = try gpu.makeStream()
        let (rows, columns) = (1000, 328)
        let host = HostTensor((0..<rows * columns).map { Float($0) }, shape: [rows, columns])
        let source = try DeviceTensor(host, in: gpu.context, on: stream)
        let layout = try source.matrixLayout(
            boxRows: DeviceCheckKernels.boxRows,
            boxColumns: 32,
            swizzle: .bytes128
        )
        let other = try DeviceTensor(host, in: gpu.context, on: stream)
        var map = try TensorMap(layout, address: source.address, driver: gpu.driver)
        // The second half of the check goes through a descriptor that was moved.
        for tensor in [source, other] {
            map = try map.moved(to: tensor.address, driver: gpu.driver)
            let copy = try DeviceTensor(
                uninitialized: [rows, columns],
                dtype: .float32,
                in: gpu.context
            )
            try copy.range.fill(0xFF, on: stream)
            var arguments = KernelArguments()
            try arguments.append(map)
            try arguments.append(copy.address)
            try arguments.append(Int32(rows))
            try arguments.append(Int32(columns))
            let grid = Dimensions((columns + 31) / 32, (rows + 63) / 64)
            try gpu.function(DeviceCheckKernels.copyEngine).launch(
                LaunchConfiguration(grid: grid, block: Dimensions(128)),
                arguments,
                on: stream
            )
            let found = try copy.hostTensor(on: stream).elements(of: Float.self)
            try require(found == host.elements(of: Float.self), "the copied matrix differs")
        }
        return "\(rows) x \(columns) float32, 128-byte swizzle, odd edges"
    }

    func zeros(_ count: Int, on stream: borrowing CUDAStream) throws -> DeviceTensor {
        let tensor = try DeviceTensor(uninitialized: [count], dtype: .int32, in: gpu.context)
        try tensor.range.fill(0, on: stream)
        return tensor
    }

    /// Adds 1 to each element of `values`.
    func addPlan(_ values: DeviceTensor) throws -> LaunchPlan {
        var arguments = KernelArguments()
        try arguments.append(values.address)
        try arguments.append(UInt32(1))
        try arguments.append(UInt32(values.elementCount))
        let configuration = LaunchConfiguration(
            grid: Dimensions((values.elementCount + 255) / 256),
            block: Dimensions(256),
            startsBeforePredecessorEnds: true
        )
        return try LaunchPlan(gpu.function(DeviceCheckKernels.add), configuration, arguments)
    }
}
