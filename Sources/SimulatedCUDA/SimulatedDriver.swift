package import CUDADriver
import Synchronization

#if canImport(Glibc)
    import Glibc
#endif

/// A driver without a GPU, for tests: device memory is host memory, work happens at once, and every
/// object that is made is counted until it is destroyed.
///
/// C functions carry no context, so the driver of a test is a task-local value: tests may run at
/// the same time, each with its own.
package final class SimulatedDriver: Sendable {
    @TaskLocal package static var current: SimulatedDriver?

    /// One kernel launch as the driver saw it.
    package struct Launch: Sendable {
        /// Blocks of the grid along three axes.
        package var grid: [Int]
        /// Threads of a block along three axes.
        package var block: [Int]
        /// Dynamic shared memory of a block.
        package var sharedByteCount: Int
        /// The words of each launch attribute, by its number.
        package var attributes: [Int32: [Int32]]
        /// The first eight bytes of each argument.
        package var arguments: [UInt64]
    }

    struct State {
        var live: [String: Int] = [:]
        var calls: [String: Int] = [:]
        var failures: [String: Int32] = [:]
        var launches: [Launch] = []
        var argumentCount = 0
        var nextHandle = 1
        var busyQueries = 0
        var freeByteCount = 1 << 20
        var sizes: [UInt64: Int] = [:]
        var functionAttributes: [Int32: Int32] = [:]
    }

    let state = Mutex(State())

    package init() {}

    /// Runs `body` with a driver of this machine.
    package func run<Result>(_ body: (Driver) throws -> Result) throws -> Result {
        try Self.$current.withValue(self) { try body(Driver(api: Self.table())) }
    }

    /// Makes each call of a function (named as in the table) return `status` from now on; 0 ends it.
    package func fail(_ function: String, with status: Int32) {
        state.withLock { $0.failures[function] = status == 0 ? nil : status }
    }

    /// How many arguments the next launches have.
    package func expect(argumentCount: Int) { state.withLock { $0.argumentCount = argumentCount } }

    /// Makes queries of streams and events answer "not ready" this many times.
    package func stayBusy(forQueries count: Int) { state.withLock { $0.busyQueries = count } }

    /// Objects that were made and not destroyed, by kind; without kinds of which there are none.
    package var live: [String: Int] { state.withLock { $0.live.filter { $0.value != 0 } } }
    /// How often a function was called.
    package func callCount(_ function: String) -> Int { state.withLock { $0.calls[function] ?? 0 } }
    /// All launches so far.
    package var launches: [Launch] { state.withLock { $0.launches } }
    /// What functions were allowed, by attribute.
    package var functionAttributes: [Int32: Int32] { state.withLock { $0.functionAttributes } }

    /// Counts a call, returns the failure planted for it, or does it.
    static func call(_ function: String, _ body: (inout State) -> Int32) -> Int32 {
        guard let current else { return 3 }  // CUDA_ERROR_NOT_INITIALIZED
        return current.state.withLock { state in
            state.calls[function, default: 0] += 1
            if let status = state.failures[function] { return status }
            return body(&state)
        }
    }
}

extension SimulatedDriver.State {
    /// A new object of a kind.
    mutating func make(_ kind: String) -> OpaquePointer? {
        live[kind, default: 0] += 1
        nextHandle += 1
        return OpaquePointer(bitPattern: nextHandle * 16)
    }

    /// The end of an object.
    mutating func destroy(_ kind: String) -> Int32 {
        live[kind, default: 0] -= 1
        return 0
    }

    /// Device memory: host memory, at a multiple of 256.
    mutating func allocate(_ kind: String, _ byteCount: Int) -> UInt64? {
        guard byteCount <= freeByteCount else { return nil }
        guard let memory = aligned_alloc(256, (byteCount + 255) / 256 * 256) else { return nil }
        live[kind, default: 0] += 1
        let address = UInt64(UInt(bitPattern: memory))
        sizes[address] = byteCount
        freeByteCount -= byteCount
        return address
    }

    mutating func free(_ kind: String, _ address: UInt64) -> Int32 {
        guard let size = sizes.removeValue(forKey: address) else { return 1 }
        Glibc.free(UnsafeMutableRawPointer(bitPattern: UInt(address)))
        live[kind, default: 0] -= 1
        freeByteCount += size
        return 0
    }
}
