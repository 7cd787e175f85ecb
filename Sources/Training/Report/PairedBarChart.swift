/// Loads beside each other at two moments: a row a layer, a pair of bars an expert or GPU, each
/// relative to an even load.
struct PairedBarChart {
    /// One layer.
    struct Row {
        var label: String
        /// The pale bars.
        var before: [Double]
        /// The dark bars.
        var after: [Double]
    }

    let rows: [Row]
    /// What a bar stands for, such as `expert`.
    let item: String
    /// What the pale and the dark bars are, for tooltips.
    let moments: (before: String, after: String)

    private let left = 100.0
    private let right = 120.0
    private let width = 860.0
    private let rowHeight = 84.0

    /// The most loaded item's share of an even load.
    static func imbalance(_ loads: [Double]) -> Double { relative(loads).max() ?? 1 }

    var svg: String {
        var canvas = SVGCanvas(width: width, height: rowHeight * Double(rows.count) + 12)
        for index in rows.indices { draw(index, on: &canvas) }
        return canvas.document(label: "Load of each \(item) relative to an even load")
    }

    private func draw(_ index: Int, on canvas: inout SVGCanvas) {
        let row = rows[index]
        let base = rowHeight * Double(index + 1)
        let shares = [Self.relative(row.before), Self.relative(row.after)]
        // The height of an even load; at least twice that fits, and the busiest item always.
        let unit = (rowHeight - 22) / max(2, shares.joined().max() ?? 2)
        let slot = (width - left - right) / Double(max(1, row.after.count))
        let styles = [
            (offset: 0.12, fill: "var(--early)", moment: moments.before),
            (offset: 0.52, fill: "var(--held)", moment: moments.after),
        ]
        for (style, series) in zip(styles, shares) {
            for (place, share) in series.enumerated() {
                canvas.box(
                    x: left + (Double(place) + style.offset) * slot,
                    y: base - share * unit,
                    width: slot * 0.36,
                    height: share * unit,
                    fill: style.fill,
                    title: "\(row.label), \(item) \(place), \(style.moment): "
                        + "\(share.formatted(places: 2)) of an even load"
                )
            }
        }
        canvas.line(
            from: (left, base - unit),
            to: (width - right, base - unit),
            stroke: "var(--ink)",
            width: 1,
            dash: "3 4"
        )
        canvas.line(from: (left, base), to: (width - right, base), stroke: "var(--muted)")
        canvas.text(row.label, at: (left - 12, base - unit + 4), anchor: "end")
        canvas.text("max/mean", at: (width - right + 10, base - unit - 8))
        canvas.text(
            "\(Self.imbalance(row.before).formatted(places: 2)) → "
                + Self.imbalance(row.after).formatted(places: 2),
            at: (width - right + 10, base - unit + 9),
            fill: "var(--ink)"
        )
    }

    /// Loads divided by their mean; an idle layer counts as even.
    private static func relative(_ loads: [Double]) -> [Double] {
        let mean = loads.reduce(0, +) / Double(max(1, loads.count))
        return loads.map { mean > 0 ? $0 / mean : 1 }
    }
}
