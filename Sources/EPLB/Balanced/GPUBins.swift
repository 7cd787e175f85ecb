/// GPUs with equal numbers of slots, and what they hold: the packing of one pool of experts.
struct GPUBins {
    let gpuCount: Int
    let slotsPerGPU: Int
    /// The load of one copy of each expert.
    let shares: [Double]
    /// The expert in each slot, GPU by GPU.
    var experts: [Int]
    /// Slots in use on each GPU: its first ones.
    var filled: [Int]
    /// Summed shares on each GPU.
    var loads: [Double]

    /// Fills the GPUs: the heaviest copies first, each on the least loaded GPU that has room and
    /// lacks the expert.
    ///
    /// - Parameters:
    ///   - shares: The load of one copy of each expert.
    ///   - counts: Copies of each expert; they add up to all slots.
    ///   - gpuCount: How many GPUs there are.
    init(shares: [Double], counts: [Int], gpuCount: Int) {
        let slotCount = counts.reduce(0, +)
        self.gpuCount = gpuCount
        self.shares = shares
        slotsPerGPU = slotCount / gpuCount
        experts = [Int](repeating: -1, count: slotCount)
        filled = [Int](repeating: 0, count: gpuCount)
        loads = [Double](repeating: 0, count: gpuCount)
        let order = shares.indices.sorted {
            shares[$0] != shares[$1] ? shares[$0] > shares[$1] : $0 < $1
        }
        for expert in order {
            for _ in 0..<counts[expert] { place(expert) }
        }
    }

    /// The experts on a GPU.
    func held(by gpu: Int) -> ArraySlice<Int> {
        experts[gpu * slotsPerGPU..<gpu * slotsPerGPU + filled[gpu]]
    }

    /// Whether a GPU holds an expert.
    func contains(_ expert: Int, on gpu: Int) -> Bool { held(by: gpu).contains(expert) }

    private mutating func add(_ expert: Int, to gpu: Int) {
        experts[gpu * slotsPerGPU + filled[gpu]] = expert
        filled[gpu] += 1
        loads[gpu] += shares[expert]
    }

    private mutating func place(_ expert: Int) {
        var best: Int?
        for gpu in 0..<gpuCount where filled[gpu] < slotsPerGPU {
            if let best, loads[gpu] >= loads[best] { continue }
            if !contains(expert, on: gpu) { best = gpu }
        }
        if let best { return add(expert, to: best) }
        makeRoom(for: expert)
    }

    /// Places an expert where every GPU with room holds it already: another expert moves to such a
    /// GPU from one that lacks it.
    ///
    /// There is one to move as long as the expert has at most one copy a GPU: a full GPU without it
    /// holds one expert more than the GPU with room holds beside it.
    private mutating func makeRoom(for expert: Int) {
        let open = (0..<gpuCount).filter { filled[$0] < slotsPerGPU }
        var best: (full: Int, index: Int, open: Int)?
        var lowest = Double.infinity
        for full in 0..<gpuCount where !contains(expert, on: full) {
            for index in full * slotsPerGPU..<full * slotsPerGPU + filled[full] {
                let moved = experts[index]
                for gpu in open where !contains(moved, on: gpu) {
                    let peak = max(
                        loads[full] - shares[moved] + shares[expert],
                        loads[gpu] + shares[moved]
                    )
                    guard peak < lowest else { continue }
                    lowest = peak
                    best = (full, index, gpu)
                }
            }
        }
        guard let best else {
            // More slots on a GPU than experts: a second copy cannot be avoided.
            if let gpu = open.min(by: { loads[$0] < loads[$1] }) { add(expert, to: gpu) }
            return
        }
        let moved = experts[best.index]
        experts[best.index] = expert
        loads[best.full] += shares[expert] - shares[moved]
        add(moved, to: best.open)
    }
}
