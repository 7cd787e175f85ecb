public import InfraCore

#if canImport(Glibc)
    import Glibc
#endif

/// The argument list of one kernel, laid out for the driver.
///
/// A list is built once and launched many times; between launches single arguments are replaced.
/// It is not shared between threads.
public struct KernelArguments: ~Copyable {
    /// What a kernel's parameters may take together.
    public static let maxByteCount = 4096
    /// How many parameters a kernel may have here.
    public static let maxCount = 64

    private let storage: UnsafeMutableRawPointer
    let pointers: UnsafeMutablePointer<UnsafeMutableRawPointer?>
    /// How many arguments there are.
    public private(set) var count = 0
    private var usedByteCount = 0
    private var byteCounts: [Int] = []

    /// Every argument starts at a multiple of this: what a tensor map needs.
    private static let alignment = 64

    /// An empty list.
    public init() {
        // Each of the arguments may be followed by a gap up to the next multiple of 64.
        let capacity = Self.maxByteCount + Self.maxCount * Self.alignment
        storage = .allocate(byteCount: capacity, alignment: Self.alignment)
        memset(storage, 0, capacity)
        pointers = .allocate(capacity: Self.maxCount)
        pointers.initialize(repeating: nil, count: Self.maxCount)
    }

    deinit {
        storage.deallocate()
        pointers.deallocate()
    }

    /// Adds an argument.
    ///
    /// - Parameter value: A value laid out as the kernel's parameter: an integer or float of the
    ///   same width, `UInt64` for a pointer, ``TensorMap`` for a `__grid_constant__` tensor map.
    /// - Throws: ``CUDAErrorCode/invalidArgument`` if the list is full.
    public mutating func append<Value: BitwiseCopyable>(_ value: Value) throws(CUDAError) {
        let size = MemoryLayout<Value>.size
        guard count < Self.maxCount, byteCounts.reduce(size, +) <= Self.maxByteCount else {
            throw CUDAError(
                .invalidArgument,
                "argument \(count) of \(size) bytes does not fit: a kernel takes at most "
                    + "\(Self.maxCount) arguments of \(Self.maxByteCount) bytes together; pass a "
                    + "pointer to a structure on the device"
            )
        }
        let slot = storage + usedByteCount
        slot.storeBytes(of: value, as: Value.self)
        pointers[count] = slot
        count += 1
        byteCounts.append(size)
        usedByteCount += (size + Self.alignment - 1) / Self.alignment * Self.alignment
    }

    /// Replaces an argument by one of the same size.
    ///
    /// - Parameters:
    ///   - index: Which one, from 0.
    ///   - value: The new value.
    /// - Throws: ``CUDAErrorCode/invalidArgument`` if there is no such argument or the size differs.
    public mutating func replace<Value: BitwiseCopyable>(
        at index: Int,
        with value: Value
    ) throws(CUDAError) {
        guard index >= 0, index < count, byteCounts[index] == MemoryLayout<Value>.size,
            let slot = pointers[index]
        else {
            throw CUDAError(
                .invalidArgument,
                "argument \(index) cannot become a value of \(MemoryLayout<Value>.size) bytes; the "
                    + "list has \(count) arguments of \(byteCounts) bytes"
            )
        }
        slot.storeBytes(of: value, as: Value.self)
    }

    /// Reads an argument back.
    package func value<Value: BitwiseCopyable>(at index: Int, as type: Value.Type) -> Value? {
        guard index >= 0, index < count, byteCounts[index] == MemoryLayout<Value>.size else {
            return nil
        }
        return pointers[index]?.load(as: Value.self)
    }
}
