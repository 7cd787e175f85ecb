/// Training loss, held-out loss, and the entropy that frequencies alone would reach, over steps.
struct LossChart {
    let steps: [TrainingStep]
    let unigramEntropy: Double

    private let left = 52.0
    private let right = 120.0
    private let top = 14.0
    private let bottom = 34.0
    private let width = 860.0
    private let height = 320.0

    var svg: String {
        var canvas = SVGCanvas(width: width, height: height)
        let heldOut = steps.compactMap { step in
            step.heldOutLoss.map { (step.step, $0) }
        }
        let values = steps.map(\.loss) + heldOut.map(\.1) + [unigramEntropy]
        let low = ((values.min() ?? 0) - 0.1).rounded(.down)
        let high = ((values.max() ?? 1) + 0.1).rounded(.up)
        let last = Double(max(2, steps.last?.step ?? 2))
        func x(_ step: Double) -> Double { left + (step - 1) / (last - 1) * (width - left - right) }
        func y(_ loss: Double) -> Double {
            top + (high - loss) / max(high - low, 1e-9) * (height - top - bottom)
        }

        for tick in stride(from: low, through: high, by: high - low > 3 ? 1 : 0.5) {
            canvas.line(
                from: (left, y(tick)),
                to: (width - right, y(tick)),
                stroke: "var(--grid)"
            )
            canvas.text(tick.formatted(places: 1), at: (left - 8, y(tick) + 4), anchor: "end")
        }
        for share in [0, 0.25, 0.5, 0.75, 1] {
            let step = (1 + share * (last - 1)).rounded()
            canvas.text(String(Int(step)), at: (x(step), height - 12), anchor: "middle")
        }
        canvas.line(
            from: (left, y(unigramEntropy)),
            to: (width - right, y(unigramEntropy)),
            stroke: "var(--ink)",
            width: 1.25,
            dash: "5 4"
        )
        canvas.text(
            "unigram entropy",
            at: (width - right + 8, y(unigramEntropy) + 4),
            fill: "var(--ink)"
        )
        canvas.polyline(
            steps.map { (x(Double($0.step)), y($0.loss)) },
            stroke: "var(--train)",
            width: 1.5
        )
        canvas.polyline(
            heldOut.map { (x(Double($0.0)), y($0.1)) },
            stroke: "var(--held)",
            width: 2.25
        )
        for point in heldOut {
            canvas.circle(at: (x(Double(point.0)), y(point.1)), radius: 3.5, fill: "var(--held)")
        }
        labelEnds(&canvas, x: width - right + 8, heldOut: heldOut.last?.1, y: y)
        return canvas.document(label: "Loss in nats a token over optimizer steps")
    }

    /// Names the curves at their right ends, far enough apart to be read.
    private func labelEnds(
        _ canvas: inout SVGCanvas,
        x: Double,
        heldOut: Double?,
        y: (Double) -> Double
    ) {
        guard let training = steps.last?.loss else { return }
        var trainingY = y(training) + 4
        let heldOutY = y(heldOut ?? training) + 4
        if abs(trainingY - heldOutY) < 16 {
            trainingY = training > heldOut ?? training ? heldOutY - 16 : heldOutY + 16
        }
        canvas.text("training", at: (x, trainingY), fill: "var(--train)")
        if heldOut != nil { canvas.text("held-out", at: (x, heldOutY), fill: "var(--held)") }
    }
}
