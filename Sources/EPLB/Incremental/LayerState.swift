/// One layer's placement while it is changed step by step, with every GPU's load kept up to date.
struct LayerState {
    let loads: [Double]
    let gpuCount: Int
    let slotsPerGPU: Int
    /// The expert in each slot.
    private(set) var experts: [Int]
    /// The slots of each expert, in no order.
    private(set) var slotsOf: [[Int]]
    /// Each GPU's load.
    private(set) var gpuLoads: [Double]
    /// Changes of GPU loads under consideration; zero between calls.
    private var change: [Double]
    private var changed: [Int] = []

    init(loads: [Double], experts: [Int], gpuCount: Int) {
        self.loads = loads
        self.experts = experts
        self.gpuCount = gpuCount
        slotsPerGPU = experts.count / gpuCount
        slotsOf = [[Int]](repeating: [], count: loads.count)
        gpuLoads = [Double](repeating: 0, count: gpuCount)
        change = gpuLoads
        for (slot, expert) in experts.enumerated() { slotsOf[expert].append(slot) }
        sumLoads()
    }

    /// The load of one copy of an expert.
    func share(_ expert: Int) -> Double { loads[expert] / Double(slotsOf[expert].count) }

    /// The GPU of a slot.
    func gpu(_ slot: Int) -> Int { slot / slotsPerGPU }

    /// The slots of a GPU.
    func slots(of gpu: Int) -> Range<Int> { gpu * slotsPerGPU..<(gpu + 1) * slotsPerGPU }

    /// Whether a GPU holds an expert.
    func contains(_ expert: Int, on gpu: Int) -> Bool { experts[slots(of: gpu)].contains(expert) }

    /// Mean over largest GPU load.
    var balancedness: Double { Balancedness.of(gpuLoads) }

    /// The load of the GPUs beyond a limit, summed.
    func excess(over limit: Double) -> Double {
        gpuLoads.reduce(0) { $0 + max(0, $1 - limit) }
    }

    /// Puts another expert into a slot; the one there must have a further copy.
    mutating func replace(_ slot: Int, with expert: Int) {
        let old = experts[slot]
        slotsOf[old].removeAll { $0 == slot }
        slotsOf[expert].append(slot)
        experts[slot] = expert
        sumLoads()
    }

    /// Exchanges the experts of two slots.
    mutating func swap(_ a: Int, _ b: Int) {
        let (x, y) = (experts[a], experts[b])
        slotsOf[x].removeAll { $0 == a }
        slotsOf[y].removeAll { $0 == b }
        slotsOf[x].append(b)
        slotsOf[y].append(a)
        experts.swapAt(a, b)
        sumLoads()
    }

    /// By how much ``replace(_:with:)`` lowers the excess over a limit.
    mutating func gain(replacing slot: Int, with expert: Int, limit: Double) -> Double {
        let old = experts[slot]
        let (oldShare, newShare) = (share(old), share(expert))
        let oldAfter = loads[old] / Double(slotsOf[old].count - 1)
        let newAfter = loads[expert] / Double(slotsOf[expert].count + 1)
        note(gpu(slot), newAfter - oldAfter)
        for other in slotsOf[old] { note(gpu(other), oldAfter - oldShare) }
        for other in slotsOf[expert] { note(gpu(other), newAfter - newShare) }
        return takeGain(limit)
    }

    /// By how much ``swap(_:_:)`` lowers the excess over a limit.
    func gain(swapping a: Int, _ b: Int, limit: Double) -> Double {
        let difference = share(experts[a]) - share(experts[b])
        let (first, second) = (gpuLoads[gpu(a)], gpuLoads[gpu(b)])
        return max(0, first - limit) - max(0, first - difference - limit)
            + max(0, second - limit) - max(0, second + difference - limit)
    }

    private mutating func note(_ gpu: Int, _ amount: Double) {
        change[gpu] += amount
        changed.append(gpu)
    }

    private mutating func takeGain(_ limit: Double) -> Double {
        var gain = 0.0
        for gpu in changed where change[gpu] != 0 {
            gain += max(0, gpuLoads[gpu] - limit) - max(0, gpuLoads[gpu] + change[gpu] - limit)
            change[gpu] = 0
        }
        changed.removeAll(keepingCapacity: true)
        return gain
    }

    /// Sums anew, so that rounding errors do not pile up over many steps.
    private mutating func sumLoads() {
        for gpu in 0..<gpuCount {
            gpuLoads[gpu] = slots(of: gpu).reduce(0) { $0 + share(experts[$1]) }
        }
    }
}
