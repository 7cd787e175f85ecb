import CCUDA
public import InfraCore

/// The descriptor with which Hopper's copy engine (TMA) moves boxes of a tensor between device and
/// shared memory. Pass it to a kernel by value, as a `const __grid_constant__` parameter.
public struct TensorMap: Sendable, BitwiseCopyable {
    // The size of CUtensorMap: 16 words. A tuple would say the same less readably.
    private let encoded: oi_cu_tensor_map

    /// Encodes a descriptor of a tensor in device memory.
    ///
    /// - Parameters:
    ///   - layout: Extents, strides, box and swizzle.
    ///   - address: The first element; at a multiple of 16.
    ///   - driver: The driver.
    /// - Throws: ``CUDAErrorCode/invalidArgument``, naming the rule that is broken, or
    ///   ``CUDAErrorCode/notSupported`` if the driver is older than CUDA 12.
    public init(
        _ layout: TensorMapLayout,
        address: UInt64,
        driver: Driver
    ) throws(CUDAError) {
        try layout.validate(address: address)
        guard let encode = driver.api.tensorMapEncodeTiled else {
            throw CUDAError(
                .notSupported,
                "the driver has no cuTensorMapEncodeTiled; install driver 525 (CUDA 12) or newer"
            )
        }
        let rank = layout.extents.count
        let status: oi_cu_result
        (status, encoded) = Self.withAlignedMap(oi_cu_tensor_map()) { map in
            encode(
                map,
                layout.elementType.rawValue,
                UInt32(rank),
                UnsafeMutableRawPointer(bitPattern: UInt(address)),
                layout.extents.map { UInt64($0) },
                layout.byteStrides.map { UInt64($0) },
                layout.box.map { UInt32($0) },
                [UInt32](repeating: 1, count: rank),
                0,  // no interleaving
                layout.swizzle.rawValue,
                layout.promotion.rawValue,
                layout.fillsWithNaN ? 1 : 0
            )
        }
        try driver.check(
            status,
            "cuTensorMapEncodeTiled",
            "address: \(address), \(layout)"
        ) { "the driver refuses a tensor map" }
    }

    private init(encoded: oi_cu_tensor_map) { self.encoded = encoded }

    /// The same descriptor for a tensor that starts elsewhere: much cheaper than encoding anew.
    ///
    /// - Parameters:
    ///   - address: The first element; at a multiple of 16.
    ///   - driver: The driver.
    /// - Throws: ``CUDAErrorCode/invalidArgument`` or ``CUDAErrorCode/notSupported``.
    public func moved(to address: UInt64, driver: Driver) throws(CUDAError) -> TensorMap {
        try TensorMapLayout.validate(address: address)
        guard let replace = driver.api.tensorMapReplaceAddress else {
            throw CUDAError(
                .notSupported,
                "the driver has no cuTensorMapReplaceAddress; install driver 525 (CUDA 12) or newer"
            )
        }
        let (status, moved) = Self.withAlignedMap(encoded) { map in
            replace(map, UnsafeMutableRawPointer(bitPattern: UInt(address)))
        }
        try driver.check(status, "cuTensorMapReplaceAddress", "address: \(address)")
        return TensorMap(encoded: moved)
    }

    /// The driver wants the descriptor at a multiple of 64 bytes, which no Swift variable promises.
    private static func withAlignedMap(
        _ map: oi_cu_tensor_map,
        _ body: (UnsafeMutablePointer<oi_cu_tensor_map>) -> oi_cu_result
    ) -> (oi_cu_result, oi_cu_tensor_map) {
        withUnsafeTemporaryAllocation(byteCount: 128, alignment: 64) { bytes in
            let pointer = bytes.bindMemory(to: oi_cu_tensor_map.self)
            pointer.initialize(repeating: map)
            guard let base = pointer.baseAddress else { return (1, map) }
            let status = body(base)
            return (status, base.pointee)
        }
    }
}
