public import InfraCore

/// A picture of a plan as SVG: a row a layer, with each GPU's load before and after and the number
/// of copies of each expert.
public struct PlacementPicture {
    private let loads: ExpertLoads
    private let placement: ExpertPlacement
    private let previous: ExpertPlacement?
    private let gpuCount: Int
    private let before: [[Double]]
    private let after: [[Double]]

    /// Takes what is to be drawn.
    ///
    /// - Parameters:
    ///   - placement: The plan.
    ///   - loads: The loads it was made for.
    ///   - gpuCount: GPUs that the slots are spread over.
    ///   - previous: The placement before; without one, experts in order, each once.
    /// - Throws: As ``ExpertPlacement/gpuLoads(under:gpuCount:)``, for either placement.
    public init(
        _ placement: ExpertPlacement,
        loads: ExpertLoads,
        gpuCount: Int,
        previous: ExpertPlacement? = nil
    ) throws(PlacementError) {
        self.placement = placement
        self.loads = loads
        self.previous = previous
        self.gpuCount = gpuCount
        after = try placement.gpuLoads(under: loads, gpuCount: gpuCount)
        if let previous {
            before = try previous.gpuLoads(under: loads, gpuCount: gpuCount)
        } else {
            before = OrderedExperts.gpuLoads(loads, gpuCount: gpuCount)
        }
    }

    private static let width = 1200.0
    private static let top = 92.0
    private static let beforePanel = (x: 76.0, width: 340.0)
    private static let afterPanel = (x: 436.0, width: 340.0)
    private static let copiesPanel = (x: 796.0, width: 270.0)
    private static let figures = 1082.0
    private static let single = "#4a78b5"
    private static let copied = "#e2903a"
    private static let ink = "#24292f"
    private static let muted = "#6a737d"

    /// Few layers get tall rows, so that single experts show.
    private var rowHeight: Double {
        placement.layerCount <= 4 ? 150 : placement.layerCount <= 12 ? 70 : 30
    }

    /// Whether rows are too low for single experts: bars then end at a multiple of the mean, so that
    /// one hot GPU does not flatten all others.
    private var isCompact: Bool { rowHeight < 60 }
    private static let compactScale = 2.5

    /// The document.
    public var svg: String {
        let n = SVGPath.number
        let height = Self.top + rowHeight * Double(placement.layerCount) + 16
        let rows = (0..<placement.layerCount).map(row).joined()
        return """
            <svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 \(n(Self.width)) \(n(height))" \
            width="\(n(Self.width))" height="\(n(height))" font-family="sans-serif" \
            font-size="13">
            <rect width="100%" height="100%" fill="#fff"/>
            \(header)\(rows)</svg>

            """
    }

    private var header: String {
        let shape =
            "\(placement.layerCount) layers, \(placement.expertCount) experts in "
            + "\(placement.replicaCount) slots on \(gpuCount) GPUs"
        let start = previous == nil ? "Before: experts in order" : "Before: the previous plan"
        return text("Expert placement: " + shape, x: 16, y: 28, size: 18)
            + swatch(Self.single, "an expert that is there once", x: 16)
            + swatch(Self.copied, "an expert with copies", x: 232)
            + text(
                "- - -  mean load of a GPU" + (isCompact ? "; bars end at 2.5 times the mean" : ""),
                x: 412,
                y: 53,
                color: Self.muted
            )
            + text(start, x: Self.beforePanel.x, y: 82)
            + text("After: load of each GPU", x: Self.afterPanel.x, y: 82)
            + text("Copies of each expert", x: Self.copiesPanel.x, y: 82)
            + text("mean/max", x: Self.figures, y: 82)
    }

    private func row(_ layer: Int) -> String {
        let base = Self.top + rowHeight * Double(layer + 1)
        let barHeight = rowHeight - (isCompact ? 5 : 22)
        let mean = after[layer].reduce(0) { $0 + $1 / Double(gpuCount) }
        let highest = max(before[layer].max() ?? 0, after[layer].max() ?? 0)
        let peak = isCompact ? min(highest, mean * Self.compactScale) : highest
        let unit = peak > 0 ? barHeight / peak : 0
        let (old, new) = (Balancedness.of(before[layer]), Balancedness.of(after[layer]))
        let middle = base - rowHeight / 2 + 4
        var result = text("layer \(layer)", x: 16, y: middle, color: Self.muted)
        for (panel, slices) in [
            (Self.beforePanel, slicesBefore(layer)),
            (Self.afterPanel, slices(placement, layer)),
        ] {
            result += bars(slices, panel, base: base, unit: unit, peak: peak)
            result += line(panel, y: base, color: Self.muted, dash: nil)
            result += line(panel, y: base - mean * unit, color: Self.ink, dash: "4 3")
        }
        result += copies(layer, base: base, height: barHeight)
        result += line(Self.copiesPanel, y: base, color: Self.muted, dash: nil)
        return result
            + text("\(Self.ratio(old)) → \(Self.ratio(new))", x: Self.figures, y: middle)
    }

    /// Two digits after the point.
    private static func ratio(_ value: Double) -> String {
        let digits = String(Int((value * 100).rounded()))
        let padded = String(repeating: "0", count: max(0, 3 - digits.count)) + digits
        return padded.dropLast(2) + "." + padded.suffix(2)
    }

    /// The load and colour of each expert on each GPU.
    private typealias Slices = [[(share: Double, isCopied: Bool)]]

    private func slices(_ placement: ExpertPlacement, _ layer: Int) -> Slices {
        let slotsPerGPU = placement.replicaCount / gpuCount
        return (0..<gpuCount).map { gpu in
            (0..<slotsPerGPU).map { index in
                let slot = layer * placement.replicaCount + gpu * slotsPerGPU + index
                let expert = layer * loads.expertCount + Int(placement.expertOfSlot[slot])
                let count = placement.countOfExpert[expert]
                return (Double(loads.values[expert]) / Double(count), count > 1)
            }
        }
    }

    private func slicesBefore(_ layer: Int) -> Slices {
        if let previous { return slices(previous, layer) }
        var result = Slices(repeating: [], count: gpuCount)
        for (expert, load) in loads[layer].enumerated() {
            let gpu = OrderedExperts.gpu(
                of: expert,
                expertCount: loads.expertCount,
                gpuCount: gpuCount
            )
            let count = placement.countOfExpert[layer * loads.expertCount + expert]
            result[gpu].append((Double(load), count > 1))
        }
        return result
    }

    /// A bar a GPU, stacked from its experts: those with copies at the bottom, the heaviest first.
    private func bars(
        _ slices: Slices,
        _ panel: (x: Double, width: Double),
        base: Double,
        unit: Double,
        peak: Double
    ) -> String {
        var (plain, marked) = (SVGPath(), SVGPath())
        let slot = panel.width / Double(gpuCount)
        let width = slot * (slot > 4 ? 0.8 : 1)
        for (gpu, held) in slices.enumerated() {
            let x = panel.x + Double(gpu) * slot + (slot - width) / 2
            let copied = held.filter(\.isCopied).map(\.share)
            let single = held.filter { !$0.isCopied }.map(\.share)
            var total = 0.0
            for (shares, isCopied) in [(copied, true), (single, false)] {
                let sum = shares.reduce(0, +)
                for share in isCompact ? [sum] : shares.sorted(by: >) {
                    let bottom = min(total, peak)
                    total += share
                    let height = (min(total, peak) - bottom) * unit
                    guard height > 0 else { continue }
                    // Thin gaps tell experts apart where there is room for them.
                    let gap = !isCompact && height > 5 ? 0.8 : 0
                    let y = base - bottom * unit - height + gap
                    if isCopied {
                        marked.rectangle(x: x, y: y, width: width, height: height - gap)
                    } else {
                        plain.rectangle(x: x, y: y, width: width, height: height - gap)
                    }
                }
            }
        }
        return plain.element(fill: Self.single) + marked.element(fill: Self.copied)
    }

    private func copies(_ layer: Int, base: Double, height: Double) -> String {
        let panel = Self.copiesPanel
        let unit = height / Double(max(2, placement.largestReplicaCount))
        let slot = panel.width / Double(loads.expertCount)
        let width = slot * (slot > 4 ? 0.8 : 1)
        var (plain, marked) = (SVGPath(), SVGPath())
        for expert in 0..<loads.expertCount {
            let count = Int(placement.countOfExpert[layer * loads.expertCount + expert])
            let x = panel.x + Double(expert) * slot + (slot - width) / 2
            for copy in 0..<(isCompact ? 1 : count) {
                let high = isCompact ? Double(count) * unit : unit
                let gap = unit > 5 ? 0.8 : 0
                let y = base - Double(copy) * unit - high + gap
                if count > 1 {
                    marked.rectangle(x: x, y: y, width: width, height: high - gap)
                } else {
                    plain.rectangle(x: x, y: y, width: width, height: high - gap)
                }
            }
        }
        return plain.element(fill: Self.single) + marked.element(fill: Self.copied)
    }

    private func text(
        _ string: String,
        x: Double,
        y: Double,
        size: Int = 13,
        color: String = Self.ink
    ) -> String {
        """
        <text x="\(SVGPath.number(x))" y="\(SVGPath.number(y))" font-size="\(size)" \
        fill="\(color)">\(string)</text>

        """
    }

    private func swatch(_ color: String, _ label: String, x: Double) -> String {
        var box = SVGPath()
        box.rectangle(x: x, y: 43, width: 11, height: 11)
        return box.element(fill: color) + text(label, x: x + 17, y: 53, color: Self.muted)
    }

    private func line(
        _ panel: (x: Double, width: Double),
        y: Double,
        color: String,
        dash: String?
    ) -> String {
        let n = SVGPath.number
        let dashes = dash.map { " stroke-dasharray=\"\($0)\"" } ?? ""
        return """
            <path d="M\(n(panel.x)) \(n(y))h\(n(panel.width))" stroke="\(color)"\(dashes) \
            fill="none"/>

            """
    }
}
