import DualPipe

// Four ways to train 8 stages on 20 micro-batches, with a backward pass twice as long as a forward
// pass and an overlapped pair that hides nothing. DualPipeV places two stages on each of 4 ranks.
let times = try PipelineTimes(forward: 1, backward: 2, weight: 1, overlapped: 3)
for kind in PipelineKind.allCases {
    let ranks = kind == .dualPipeV ? 4 : 8
    let chunks = kind == .dualPipeV ? 10 : 20
    let schedule = try PipelineSchedule(kind: kind, rankCount: ranks, chunkCount: chunks)
    let simulation = try PipelineSimulation(schedule, times: times)
    let memory = simulation.ranks.map(\.peakActivations).max() ?? 0
    print(
        "\(kind.rawValue): step \(simulation.makespan), idle \(simulation.bubble), memory \(memory)"
    )
}
