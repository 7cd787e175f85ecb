// Places the experts of two layers on 8 GPUs, then follows a change of their loads.

import EPLB

let loads = try ExpertLoads([
    [90, 132, 40, 61, 104, 165, 39, 4, 73, 56, 183, 86],
    [20, 107, 104, 64, 19, 197, 187, 157, 172, 86, 16, 27],
])
// 16 slots for 12 experts: four copies of busy ones. Groups of three experts stay on their node.
let shape = try PlacementShape(replicas: 16, groups: 4, nodes: 2, gpus: 8)

let reference = try ExpertLoadBalancer.rebalance(loads, shape: shape)
print("reference: slots of layer 0 hold", reference.phy2log[0])
print("mean/max load in order: ", loads.balancednessInOrder(gpuCount: 8))
print("mean/max load, reference:", try reference.balancedness(under: loads, gpuCount: 8))

let policy = PlacementPolicy.balanced(locality: .anywhere)
let balanced = try ExpertLoadBalancer.rebalance(loads, shape: shape, policy: policy)
print("mean/max load, anywhere: ", try balanced.balancedness(under: loads, gpuCount: 8))

// Expert 3 of layer 0 gets busy: only what must move moves.
let later = try ExpertLoads([
    [90, 132, 40, 261, 104, 165, 39, 4, 73, 56, 183, 86],
    [20, 107, 104, 64, 19, 197, 187, 157, 172, 86, 16, 27],
])
let next = try ExpertLoadBalancer.rebalance(
    later,
    shape: shape,
    policy: .incremental(previous: balanced, target: 0.85, locality: .anywhere)
)
print("later, unchanged:", try balanced.balancedness(under: later, gpuCount: 8))
print("later, followed: ", try next.balancedness(under: later, gpuCount: 8))
print("experts moved:   ", try next.expertsMoved(from: balanced, gpuCount: 8))
