// A DualPipeV schedule on paper, then run on two threads and compared with sequential execution.

import Collectives
import DualPipe
import InfraCore
import Transport

let schedule = try PipelineSchedule(kind: .dualPipeV, rankCount: 2, chunkCount: 6)
let simulation = try PipelineSimulation(schedule, times: try PipelineTimes())
print("on paper: makespan \(simulation.makespan), bubble \(simulation.bubble)")
for (rank, operations) in schedule.operations.enumerated() {
    print("rank \(rank):", operations.prefix(6).map(\.description).joined(separator: ", "), "...")
}

// The same schedule over real stages; each rank is a thread with two stages of four.
let example = PipelineExample(schedule: schedule)
let outcomes = try RankGroup.run(rankCount: 2) {
    try example.run(on: Communicator(world: $0))
}
let comparison = try PipelineComparison(example, outcomes: outcomes)
print("losses bit-equal: \(comparison.lossesAreBitEqual), gradients agree: \(comparison.agrees)")
