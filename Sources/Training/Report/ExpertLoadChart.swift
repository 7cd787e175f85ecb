/// How evenly the experts of each layer are used: a bar an expert, relative to an even load, at
/// the beginning of the run and at its end.
struct ExpertLoadChart {
    /// Loads summed over some steps, `[layer][expert]`.
    let early: [[Int]]
    let late: [[Int]]

    /// Sums the first and the last fifth of a run.
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

    /// The busiest expert's load over the mean, in one layer.
    static func imbalance(_ loads: [Int]) -> Double {
        let total = loads.reduce(0, +)
        guard total > 0, let most = loads.max() else { return 1 }
        return Double(most) * Double(loads.count) / Double(total)
    }

    private let left = 100.0
    private let right = 120.0
    private let width = 860.0
    private let rowHeight = 84.0

    var svg: String {
        var canvas = SVGCanvas(width: width, height: rowHeight * Double(late.count) + 12)
        for layer in late.indices { draw(layer, on: &canvas) }
        return canvas.document(label: "Load of each expert relative to an even load")
    }

    private func draw(_ layer: Int, on canvas: inout SVGCanvas) {
        let base = rowHeight * Double(layer + 1)
        let shares = [relative(early[layer]), relative(late[layer])]
        // The height of an even load; at least twice that fits, and the busiest expert always.
        let unit = (rowHeight - 22) / max(2, shares.joined().max() ?? 2)
        let slot = (width - left - right) / Double(max(1, late[layer].count))
        for (expert, share) in shares[0].enumerated() {
            let height = share * unit
            canvas.box(
                x: left + Double(expert) * slot + slot * 0.12,
                y: base - height,
                width: slot * 0.36,
                height: height,
                fill: "var(--early)",
                title: "layer row \(layer), expert \(expert), first fifth: "
                    + "\(share.formatted(places: 2)) of an even load"
            )
        }
        for (expert, share) in shares[1].enumerated() {
            let height = share * unit
            canvas.box(
                x: left + Double(expert) * slot + slot * 0.52,
                y: base - height,
                width: slot * 0.36,
                height: height,
                fill: "var(--held)",
                title: "layer row \(layer), expert \(expert), last fifth: "
                    + "\(share.formatted(places: 2)) of an even load"
            )
        }
        canvas.line(
            from: (left, base - unit),
            to: (width - right, base - unit),
            stroke: "var(--ink)",
            width: 1,
            dash: "3 4"
        )
        canvas.line(from: (left, base), to: (width - right, base), stroke: "var(--muted)")
        canvas.text("MoE layer \(layer + 1)", at: (left - 12, base - unit + 4), anchor: "end")
        canvas.text(
            "max/mean",
            at: (width - right + 10, base - unit - 8)
        )
        canvas.text(
            "\(Self.imbalance(early[layer]).formatted(places: 2)) → "
                + Self.imbalance(late[layer]).formatted(places: 2),
            at: (width - right + 10, base - unit + 9),
            fill: "var(--ink)"
        )
    }

    private func relative(_ loads: [Int]) -> [Double] {
        let mean = Double(loads.reduce(0, +)) / Double(max(1, loads.count))
        return loads.map { mean > 0 ? Double($0) / mean : 0 }
    }
}
