// Four ranks as two pipelines with two replicas each: sums and rows within the right group.

import Collectives
import InfraCore
import Tensors
import Transport

let lines = try RankGroup.run(rankCount: 4) { transport in
    let world = Communicator(world: transport)
    let row = world.rank / 2
    let column = world.rank % 2
    let replicas = try world.subset([column, column + 2], named: "replicas")
    let experts = try world.subset([row * 2, row * 2 + 1], named: "experts")

    // Gradients of the same stage are added up between replicas, in the order of the ranks.
    let gradient = HostTensor([Float(world.rank), 1])
    let sum = try replicas.allReduceSum([gradient])[0].elements(of: Float.self)

    // Each rank keeps one token and sends two to the other expert.
    let tokens = HostTensor((0..<3).map { Float(10 * world.rank + $0) }, shape: [3, 1])
    let counts = experts.rank == 0 ? [1, 2] : [2, 1]
    let received = try experts.allToAll(rows: tokens, counts: counts)
    let rows = received.rows.elements(of: Float.self)
    return "rank \(world.rank): gradients \(sum), tokens \(rows) from \(received.counts)"
}
for line in lines { print(line) }
