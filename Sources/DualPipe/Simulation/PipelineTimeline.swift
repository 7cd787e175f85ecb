/// A schedule as a picture, simulated or as it ran: one row a rank, time from left to right.
public struct PipelineTimeline {
    private let schedule: PipelineSchedule
    private let spans: [[PipelineSimulation.Span]]
    private let makespan: Double
    private let title: String
    private let subtitle: String
    private let scale: Double
    private let rowHeight = 28.0
    private let rowGap = 6.0
    private let left = 74.0
    private let top = 84.0
    private let right = 24.0

    /// The width of the time axis, in pixels.
    public static let axisWidth = 40.0...1800.0

    /// Lays a simulation out; a unit of time is as wide as fits, at most 24 pixels for the
    /// shortest operation.
    public init(_ simulation: PipelineSimulation) {
        let peak = simulation.ranks.map(\.peakActivations).max() ?? 0
        self.init(
            simulation.schedule,
            spans: simulation.ranks.map(\.spans),
            makespan: simulation.makespan,
            title: Self.title(simulation.schedule),
            subtitle: "makespan \(n(simulation.makespan)), bubble "
                + "\(n(simulation.bubble)), peak live activations \(peak)",
            width: Self.axisWidth.upperBound
        )
    }

    /// Lays a measured step out, in milliseconds. The time an operation waited for messages is
    /// shown as idle time before it.
    ///
    /// - Parameters:
    ///   - measurement: The step.
    ///   - width: The width of the time axis in pixels, at most.
    public init(_ measurement: PipelineMeasurement, width: Double = axisWidth.upperBound) {
        let milliseconds = 1e-6
        let spans = measurement.timings.map { operations in
            operations.map { timing in
                PipelineSimulation.Span(
                    start: Double(timing.start + timing.waited - measurement.start) * milliseconds,
                    end: Double(timing.end - measurement.start) * milliseconds
                )
            }
        }
        let bubble = (measurement.bubbles.max() ?? 0) * milliseconds
        self.init(
            measurement.schedule,
            spans: spans,
            makespan: measurement.makespan * milliseconds,
            title: Self.title(measurement.schedule) + ", as it ran",
            subtitle: "milliseconds; makespan \(n(measurement.makespan * milliseconds)), "
                + "largest bubble \(n(bubble))",
            width: width
        )
    }

    private init(
        _ schedule: PipelineSchedule,
        spans: [[PipelineSimulation.Span]],
        makespan: Double,
        title: String,
        subtitle: String,
        width: Double
    ) {
        self.schedule = schedule
        self.spans = spans
        self.makespan = makespan
        self.title = title
        self.subtitle = subtitle
        let shortest = spans.joined().map { $0.end - $0.start }.filter { $0 > 0 }.min() ?? 1
        let widest = width / max(makespan, shortest)
        scale = min(24 / shortest, widest)
    }

    private static func title(_ schedule: PipelineSchedule) -> String {
        "\(schedule.kind.rawValue): \(schedule.rankCount) ranks, "
            + "\(schedule.topology.stageCount) stages, \(schedule.chunkCount) chunks"
    }

    /// The picture as an SVG document.
    public var svg: String {
        let axis = makespan * scale
        let width = left + max(axis, 560) + right
        let rows = Double(spans.count)
        let height = top + rows * (rowHeight + rowGap) + 44
        var out = """
            <svg xmlns="http://www.w3.org/2000/svg" width="\(n(width))" height="\(n(height))" \
            viewBox="0 0 \(n(width)) \(n(height))" font-family="system-ui, sans-serif">
            <rect width="100%" height="100%" fill="#ffffff"/>
            \(text(left, 26, title, size: 16, weight: "600"))
            \(text(left, 46, subtitle, size: 12, fill: "#52606d"))
            \(legend)

            """
        for rank in spans.indices { out += row(rank) }
        out += timeAxis(axis, y: top + rows * (rowHeight + rowGap) + 2)
        return out + "</svg>\n"
    }

    private func row(_ rank: Int) -> String {
        let y = top + Double(rank) * (rowHeight + rowGap)
        var out = text(left - 10, y + 18, "rank \(rank)", size: 12, anchor: "end")
        out += """
            <rect x="\(n(left))" y="\(n(y))" width="\(n(makespan * scale))" \
            height="\(n(rowHeight))" fill="\(Colour.idle.fill)"/>

            """
        for (op, span) in zip(schedule.operations[rank], spans[rank]) {
            out += box(op, span, y: y)
        }
        return out
    }

    /// One operation; an overlapped pair is two halves, forward above backward.
    private func box(_ op: PipelineOp, _ span: PipelineSimulation.Span, y: Double) -> String {
        let x = left + span.start * scale
        let width = (span.end - span.start) * scale
        var parts: [(colour: Colour, label: Int, y: Double, height: Double)]
        switch op {
        case .overlapped(let forward, let backward):
            let half = rowHeight / 2
            parts = [
                (.forward(forward.phase), forward.chunk, y, half),
                (.backward(backward.phase), backward.chunk, y + half, half),
            ]
        case .forward(let cell): parts = [(.forward(cell.phase), cell.chunk, y, rowHeight)]
        case .backward(let cell): parts = [(.backward(cell.phase), cell.chunk, y, rowHeight)]
        case .backwardInput(let cell): parts = [(.input(cell.phase), cell.chunk, y, rowHeight)]
        case .backwardWeight(let cell): parts = [(.weight, cell.chunk, y, rowHeight)]
        }
        var out = "<g><title>\(op.description.replacing("&", with: "&amp;")), "
        out += "\(n(span.start)) to \(n(span.end))</title>"
        for part in parts {
            out += """
                <rect x="\(n(x))" y="\(n(part.y))" width="\(n(width))" \
                height="\(n(part.height))" fill="\(part.colour.fill)" stroke="#ffffff" \
                stroke-width="0.75"/>
                """
            // Labels that would not fit are left to the tooltip.
            if width >= 7 * Double("\(part.label)".count) + 1 {
                out += text(
                    x + width / 2,
                    part.y + part.height / 2 + 4,
                    "\(part.label)",
                    size: 11,
                    fill: part.colour.ink,
                    anchor: "middle"
                )
            }
        }
        return out + "</g>\n"
    }

    private var legend: String {
        let phases = 0..<schedule.topology.phaseCount
        let used = Set(schedule.operations.joined().map(\.symbol))
        var entries: [(Colour, String)] = []
        func phaseName(_ phase: Int) -> String { phases.count > 1 ? ", phase \(phase)" : "" }
        for phase in phases { entries.append((.forward(phase), "F" + phaseName(phase))) }
        if used.contains("B") || used.contains("F&B") {
            for phase in phases { entries.append((.backward(phase), "B" + phaseName(phase))) }
        }
        if used.contains("Bi") {
            for phase in phases { entries.append((.input(phase), "Bi" + phaseName(phase))) }
            entries.append((.weight, "W"))
        }
        entries.append((.idle, "idle"))
        var x = left
        var out = ""
        for (colour, name) in entries {
            out += """
                <rect x="\(n(x))" y="56" width="12" height="12" rx="2" fill="\(colour.fill)"/>
                """
            out += text(x + 17, 66, name, size: 11, fill: "#323f4b")
            x += 30 + 6.2 * Double(name.count)
        }
        return out
    }

    private func timeAxis(_ width: Double, y: Double) -> String {
        let step = tickStep
        var out = ""
        var tick = 0.0
        while tick <= makespan * (1 + 1e-9) {
            let x = left + tick * scale
            out += """
                <line x1="\(n(x))" y1="\(n(y))" x2="\(n(x))" y2="\(n(y + 5))" stroke="#7b8794"/>
                """
            out += text(x, y + 19, n(tick), size: 11, fill: "#52606d", anchor: "middle")
            tick += step
        }
        return """
            <line x1="\(n(left))" y1="\(n(y))" x2="\(n(left + width))" y2="\(n(y))" \
            stroke="#7b8794"/>
            \(out)

            """
    }

    /// The smallest of 1, 2 and 5 times a power of ten that leaves 60 pixels between ticks.
    private var tickStep: Double {
        var power = 1e-9
        while power < 1e12 {
            for factor in [1.0, 2, 5] where power * factor * scale >= 60 { return power * factor }
            power *= 10
        }
        return power
    }

    private func text(
        _ x: Double,
        _ y: Double,
        _ string: String,
        size: Int,
        weight: String = "400",
        fill: String = "#1f2933",
        anchor: String = "start"
    ) -> String {
        """
        <text x="\(n(x))" y="\(n(y))" font-size="\(size)" font-weight="\(weight)" \
        fill="\(fill)" text-anchor="\(anchor)">\(string)</text>

        """
    }
}

extension PipelineTimeline {
    /// Blue for forward, orange for backward, green for weights; the other direction is lighter.
    private enum Colour {
        case forward(Int), backward(Int), input(Int), weight, idle

        var fill: String {
            switch self {
            case .forward(0): "#2f6fb7"
            case .forward: "#9cc4ec"
            case .backward(0): "#d9822b"
            case .backward: "#f7c98b"
            case .input(0): "#b5446e"
            case .input: "#eaa9c1"
            case .weight: "#5aa469"
            case .idle: "#dde3e9"
            }
        }

        var ink: String {
            switch self {
            case .forward(0), .backward(0), .input(0), .weight: "#ffffff"
            default: "#1f2933"
            }
        }
    }
}

/// A number with at most three decimals.
private func n(_ value: Double) -> String {
    let rounded = (value * 1000).rounded() / 1000
    return rounded == rounded.rounded() && abs(rounded) < 1e15
        ? "\(Int(rounded))" : "\(rounded)"
}
