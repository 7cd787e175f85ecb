import Synchronization

/// Launch plans by shape: the decisions of a call (heuristics, function, tensor maps, layout of the
/// arguments) are made once per key. Thread-safe; callers of one cache take turns.
public final class LaunchPlanCache<Key: Hashable & Sendable>: @unchecked Sendable {
    // @unchecked: `state` is touched under `lock` alone. A `Mutex` around the state itself would
    // refuse plans that callers make, since those are not Sendable.

    private final class Entry {
        var plan: LaunchPlan
        var lastUse: UInt64 = 0

        init(_ plan: consuming LaunchPlan) { self.plan = plan }
    }

    private struct State {
        var entries: [Key: Entry] = [:]
        var clock: UInt64 = 0
    }

    private let lock = Mutex(())
    private var state = State()
    /// The most plans that are kept; beyond it the one unused for longest goes.
    public let capacity: Int

    /// Creates an empty cache.
    ///
    /// - Parameter capacity: The most plans that are kept. A plan takes about 10 KB.
    public init(capacity: Int = 4096) {
        precondition(capacity > 0, "capacity is \(capacity); it must be positive")
        self.capacity = capacity
    }

    /// How many plans there are.
    public var count: Int { lock.withLock { _ in state.entries.count } }

    /// Hands the plan of `key` to `body`, which replaces arguments and launches.
    ///
    /// - Parameters:
    ///   - key: All that decides the plan: shapes, dtypes, limits, the device's ordinal.
    ///   - make: Makes the plan when there is none.
    ///   - body: Uses the plan; no other caller has it meanwhile.
    /// - Throws: What `make` or `body` throws; a plan that could not be made is not kept.
    public func withPlan<Result>(
        for key: Key,
        make: () throws -> LaunchPlan,
        _ body: (inout LaunchPlan) throws -> Result
    ) throws -> Result {
        try lock.withLock { _ in
            state.clock += 1
            if let entry = state.entries[key] {
                entry.lastUse = state.clock
                return try body(&entry.plan)
            }
            let entry = Entry(try make())
            entry.lastUse = state.clock
            if state.entries.count >= capacity,
                let oldest = state.entries.min(by: { $0.value.lastUse < $1.value.lastUse })
            {
                state.entries[oldest.key] = nil
            }
            state.entries[key] = entry
            return try body(&entry.plan)
        }
    }
}
