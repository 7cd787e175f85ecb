public import CUDADriver
public import DeviceRuntime
import InfraCore
import KernelJIT
import Tensors

/// The products on a Hopper GPU.
///
/// Kernels accumulate 128 values of K on the tensor cores and promote the sums to FP32 registers.
/// Calls return once the work is submitted; they are ordered by their stream. Configuration, tensor
/// maps and arguments of a call are kept by its shapes and addresses, so that a repeated call costs
/// one launch.
public final class DeviceGEMM: Sendable {
    /// Where the kernels run.
    public let gpu: GPU
    /// Multiprocessors that products may use: even, at most the GPU's.
    public let multiprocessorCount: Int

    let plans = LaunchPlanCache<PlanKey>()

    /// Everything that decides a launch.
    struct PlanKey: Hashable, Sendable {
        var variant: String
        var addresses: [UInt64]
        var sizes: [Int]
    }

    /// Prepares products on a GPU.
    ///
    /// - Parameters:
    ///   - gpu: Where the kernels run.
    ///   - multiprocessorCount: How many multiprocessors products may use; `nil` for all.
    /// - Throws: A `DeviceError` if the GPU is not of the Hopper architecture, a ``GEMMError`` for
    ///   a count that it does not have.
    public init(_ gpu: GPU, multiprocessorCount: Int? = nil) throws {
        try gpu.require(architecture: ["sm_90a"], for: "DeepGEMM")
        let available = gpu.properties.multiprocessorCount
        let count = multiprocessorCount ?? available
        guard count >= 2, count <= available, count % 2 == 0 else {
            throw GEMMError(
                .outOfRange,
                "multiprocessorCount is \(count); it must be even and 2 to \(available)"
            )
        }
        self.gpu = gpu
        self.multiprocessorCount = count
    }

    /// Quantises activations in 1x128 blocks, with scales in the layout the products read.
    ///
    /// - Parameters:
    ///   - input: `[M, K]` or `[P, M, K]`, bfloat16 or float32; K is a multiple of 16.
    ///   - output: Of the same shape.
    ///   - stream: The order of the work.
    /// - Throws: A ``GEMMError`` for shapes or dtypes that do not fit, or an error of the device.
    public func quantize(
        _ input: DeviceTensor,
        into output: DeviceQuantizedRows,
        on stream: borrowing CUDAStream
    ) throws {
        let isFloat = try requireInput(input, output.values)
        let (planes, rows, columns) = output.sizes
        guard input.elementCount > 0 else { return }
        try run(
            DeepGEMMKernels.quantizeRows(isFloat: isFloat),
            key: [input.address, output.values.address, output.scales.address],
            sizes: [planes, rows, columns],
            on: stream
        ) { arguments in
            try arguments.append(input.address)
            try arguments.append(output.values.address)
            try arguments.append(output.scales.address)
            try arguments.append(Int32(rows))
            try arguments.append(Int32(columns))
            try arguments.append(Int32((rows + 3) / 4 * 4))
            return LaunchConfiguration(
                grid: Dimensions((rows + 15) / 16, (columns + 127) / 128, planes),
                block: Dimensions(256)
            )
        }
    }

    /// Quantises weights in 128x128 blocks.
    ///
    /// - Parameters:
    ///   - input: `[N, K]` or `[G, N, K]`, bfloat16 or float32; K is a multiple of 16.
    ///   - output: Of the same shape.
    ///   - stream: The order of the work.
    /// - Throws: A ``GEMMError`` for shapes or dtypes that do not fit, or an error of the device.
    public func quantize(
        _ input: DeviceTensor,
        into output: DeviceQuantizedBlocks,
        on stream: borrowing CUDAStream
    ) throws {
        let isFloat = try requireInput(input, output.values)
        let (planes, rows, columns) = output.sizes
        guard input.elementCount > 0 else { return }
        try run(
            DeepGEMMKernels.quantizeBlocks(isFloat: isFloat),
            key: [input.address, output.values.address, output.scales.address],
            sizes: [planes, rows, columns],
            on: stream
        ) { arguments in
            try arguments.append(input.address)
            try arguments.append(output.values.address)
            try arguments.append(output.scales.address)
            try arguments.append(Int32(rows))
            try arguments.append(Int32(columns))
            return LaunchConfiguration(
                grid: Dimensions((columns + 127) / 128, (rows + 127) / 128, planes),
                block: Dimensions(256)
            )
        }
    }

    private func requireInput(
        _ input: DeviceTensor,
        _ values: DeviceTensor
    ) throws(GEMMError) -> Bool {
        guard input.shape == values.shape, input.shape.count >= 2 else {
            throw GEMMError(
                .shapeMismatch,
                "the input is \(input.shape), the output \(values.shape); they must agree and have "
                    + "two or three axes"
            )
        }
        guard input.dtype == .bfloat16 || input.dtype == .float32 else {
            throw GEMMError(
                .dtypeMismatch,
                "the input is \(input.dtype.rawValue); it must be BF16 or F32"
            )
        }
        try GEMMShape(m: 1, n: 8, k: input.shape[input.shape.count - 1]).requireAlignment()
        return input.dtype == .float32
    }

    /// Launches a kernel, whose arguments `make` appends when its plan is not kept yet.
    func run(
        _ variant: @autoclosure () -> KernelVariant,
        name: String? = nil,
        key addresses: [UInt64],
        sizes: [Int],
        on stream: borrowing CUDAStream,
        make: (inout KernelArguments) throws -> LaunchConfiguration
    ) throws {
        let key = PlanKey(variant: name ?? variant().name, addresses: addresses, sizes: sizes)
        try plans.withPlan(for: key) {
            var arguments = KernelArguments()
            let configuration = try make(&arguments)
            return try LaunchPlan(gpu.function(variant()), configuration, arguments)
        } _: { plan in
            try plan.launch(on: stream)
        }
    }
}
