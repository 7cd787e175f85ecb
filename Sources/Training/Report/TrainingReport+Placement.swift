import EPLB

extension TrainingReport {
    /// GPUs of the plan that the report shows.
    static let plannedGPUCount = 4

    /// What expert placement would make of the trained model's routing.
    func placementSection(_ counts: [[Int]]) throws(PlacementError) -> String {
        guard !counts.isEmpty else { return "" }
        let plan = try PlacementComparison(counts: counts, gpuCount: Self.plannedGPUCount)
        let chart = PairedBarChart(
            rows: counts.indices.map { layer in
                PairedBarChart.Row(
                    label: "MoE layer \(layer + 1)",
                    before: plan.loadsBefore[layer],
                    after: plan.loadsAfter[layer]
                )
            },
            item: "GPU",
            moments: ("experts in order", "planned")
        )
        return """
            <section><h2>Expert placement</h2>
            <p>What each of \(Self.plannedGPUCount) GPUs would compute with the routing of the \
            last fifth of the run: pale with experts in order, dark under a plan of EPLB with \
            \(plan.shape.replicaCount) slots, one spare a GPU.</p>
            \(chart.svg)</section>
            """
    }
}
