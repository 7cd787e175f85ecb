public import CUDADriver
public import InfraCore

/// Everything a repeated kernel call needs: function, configuration and arguments, checked and laid
/// out once. What changes from call to call (pointers, mostly) is replaced in place.
///
/// A launch costs two driver calls and no allocation. A plan is not shared between threads; a
/// ``LaunchPlanCache`` hands it to one at a time.
public struct LaunchPlan: ~Copyable {
    /// The kernel and its configuration.
    private let prepared: PreparedLaunch
    /// What the kernel takes.
    public var arguments: KernelArguments

    /// Prepares a call.
    ///
    /// - Parameters:
    ///   - function: The kernel.
    ///   - configuration: Blocks, threads, shared memory and how to start.
    ///   - arguments: What the kernel takes, in order.
    /// - Throws: An error if the configuration does not fit the kernel or the GPU.
    public init(
        _ function: CUDAFunction,
        _ configuration: LaunchConfiguration,
        _ arguments: consuming KernelArguments
    ) throws(CUDAError) {
        prepared = try PreparedLaunch(function, configuration)
        self.arguments = arguments
    }

    /// Blocks, threads, shared memory and how to start.
    public var configuration: LaunchConfiguration { prepared.configuration }

    /// Submits the call with the present arguments.
    ///
    /// - Throws: An error if the driver refuses it, or of earlier work.
    @inline(__always)
    public func launch(on stream: borrowing CUDAStream) throws(CUDAError) {
        try prepared.launch(arguments, on: stream)
    }

    /// Points a tensor map among the arguments to another tensor of the same layout.
    ///
    /// - Parameters:
    ///   - index: Which argument.
    ///   - address: The tensor's first element.
    /// - Throws: An error if the argument is no tensor map or the address is misaligned.
    public mutating func moveTensorMap(
        at index: Int,
        to address: UInt64
    ) throws(CUDAError) {
        guard let map = arguments.value(at: index, as: TensorMap.self) else {
            throw CUDAError(.invalidArgument, "argument \(index) is no tensor map")
        }
        let moved = try map.moved(to: address, driver: prepared.function.context.driver)
        try arguments.replace(at: index, with: moved)
    }
}
