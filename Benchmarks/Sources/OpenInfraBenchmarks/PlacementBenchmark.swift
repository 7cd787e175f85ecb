import EPLB
import InfraCore

/// Plans of expert placements for a model of DeepSeek-V3's size: 58 layers, 256 experts in 288 slots.
enum PlacementBenchmark {
    /// What a plan may take on one core.
    static let limitMilliseconds = 10.0

    static func rows(_ stopwatch: Stopwatch) throws -> [Row] {
        var random = SeededRandom(seed: 1)
        let counts = (0..<58).map { _ in (0..<256).map { _ in Int(random.next() % 100_000) } }
        let loads = try ExpertLoads(counts)
        let drifted = try ExpertLoads(
            counts.map { $0.map { $0 + Int(random.next() % UInt64($0 / 8 + 1)) } }
        )
        let shapes = [
            ("EP32", try PlacementShape(replicas: 288, groups: 8, nodes: 4, gpus: 32)),
            ("EP144", try PlacementShape(replicas: 288, groups: 8, nodes: 18, gpus: 144)),
        ]
        var rows: [Row] = []
        for (name, shape) in shapes {
            func measure(_ policy: PlacementPolicy, _ loads: ExpertLoads) throws -> Double {
                try 1000
                    * stopwatch.secondsPerCall {
                        _ = try ExpertLoadBalancer.rebalance(loads, shape: shape, policy: policy)
                    }
            }
            let reference = try measure(.reference, loads)
            rows.append(
                Row(
                    name: "EPLB reference 58 layers \(name)",
                    value: reference,
                    unit: "ms",
                    baseline: "the limit of 10 ms",
                    share: reference / limitMilliseconds
                )
            )
            let balanced = PlacementPolicy.balanced(locality: .anywhere)
            let previous = try ExpertLoadBalancer.rebalance(loads, shape: shape, policy: balanced)
            for (label, policy, loads) in [
                ("balanced", balanced, loads),
                (
                    "incremental",
                    .incremental(previous: previous, target: 0.9, locality: .anywhere), drifted
                ),
            ] {
                rows.append(
                    Row(
                        name: "EPLB \(label) 58 layers \(name)",
                        value: try measure(policy, loads),
                        unit: "ms"
                    )
                )
            }
        }
        return rows
    }
}
