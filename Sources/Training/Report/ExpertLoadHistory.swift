/// How often each expert was chosen in the first and in the last fifth of a run.
struct ExpertLoadHistory {
    /// Tokens of the first fifth, `[layer][expert]`.
    let early: [[Int]]
    /// Tokens of the last fifth, `[layer][expert]`: what the trained model does.
    let late: [[Int]]

    init(_ steps: [TrainingStep]) {
        let span = max(1, steps.count / 5)
        early = Self.sum(steps.prefix(span))
        late = Self.sum(steps.suffix(span))
    }

    private static func sum(_ steps: ArraySlice<TrainingStep>) -> [[Int]] {
        guard let first = steps.first else { return [] }
        return steps.dropFirst().reduce(first.expertLoads) { total, step in
            zip(total, step.expertLoads).map { zip($0, $1).map { $0 + $1 } }
        }
    }

    var chart: PairedBarChart {
        PairedBarChart(
            rows: late.indices.map { layer in
                PairedBarChart.Row(
                    label: "MoE layer \(layer + 1)",
                    before: early[layer].map(Double.init),
                    after: late[layer].map(Double.init)
                )
            },
            item: "expert",
            moments: ("first fifth", "last fifth")
        )
    }
}
