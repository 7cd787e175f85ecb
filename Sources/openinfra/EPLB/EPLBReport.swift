import EPLB
import FoundationEssentials
import InfraCore

/// What `openinfra eplb` prints.
struct EPLBReport: Encodable {
    var placement: ExpertPlacement
    /// Mean over largest GPU load of each layer.
    var balancedness: [Double]
    /// The same before: under the previous plan, or with experts in order.
    var balancednessBefore: [Double]
    /// Experts that GPUs must fetch, for each layer; nil without a previous plan.
    var expertsMoved: [Int]?

    init(
        _ placement: ExpertPlacement,
        loads: ExpertLoads,
        shape: PlacementShape,
        previous: ExpertPlacement?
    ) throws(PlacementError) {
        self.placement = placement
        balancedness = try placement.balancedness(under: loads, gpuCount: shape.gpuCount)
        if let previous {
            // Compared first: it names the previous plan if sizes differ.
            expertsMoved = try placement.expertsMoved(from: previous, gpuCount: shape.gpuCount)
            balancednessBefore = try previous.balancedness(under: loads, gpuCount: shape.gpuCount)
        } else {
            balancednessBefore = loads.balancednessInOrder(gpuCount: shape.gpuCount)
        }
    }

    private enum CodingKeys: String, CodingKey {
        case balancedness
        case expertsMoved = "experts_moved"
    }

    func encode(to encoder: any Encoder) throws {
        try placement.encode(to: encoder)
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(balancedness, forKey: .balancedness)
        try container.encodeIfPresent(expertsMoved, forKey: .expertsMoved)
    }

    /// A row a layer, then the means.
    var table: String {
        var table = TextTable(
            ["layer", "mean/max before", "after", "most copies"]
                + (expertsMoved == nil ? [] : ["experts moved"])
        )
        let counts = placement.logcnt
        for layer in balancedness.indices {
            table.append(
                [
                    "\(layer)", Self.fixed(balancednessBefore[layer]),
                    Self.fixed(balancedness[layer]), "\(counts[layer].max() ?? 1)",
                ] + (expertsMoved.map { ["\($0[layer])"] } ?? [])
            )
        }
        let moved = expertsMoved.map { ", \($0.reduce(0, +)) experts moved" } ?? ""
        return """
            \(table.text)

            mean of \(balancedness.count) layers: \(Self.fixed(Self.mean(balancednessBefore))) \
            before, \(Self.fixed(Self.mean(balancedness))) after\(moved)
            """
    }

    private static func mean(_ values: [Double]) -> Double {
        values.reduce(0, +) / Double(values.count)
    }

    /// Four digits after the point.
    private static func fixed(_ value: Double) -> String {
        let digits = String(Int((value * 10_000).rounded()))
        let padded = String(repeating: "0", count: max(0, 5 - digits.count)) + digits
        return padded.dropLast(4) + "." + padded.suffix(4)
    }
}
