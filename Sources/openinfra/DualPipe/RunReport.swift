import DualPipe
import FoundationEssentials

/// What `openinfra dualpipe run` prints. Times are milliseconds.
struct RunReport: Encodable {
    struct Rank: Encodable {
        var busy: Double
        var bubble: Double
        var simulatedBubble: Double
    }

    var kind: PipelineKind
    var transport: String
    var stages: Int
    var chunks: Int
    var ranks: [Rank]
    var meanLoss: Double
    var lossesAreBitEqual: Bool
    var evaluationLossesAreBitEqual: Bool
    var gradientDifference: Double
    var agrees: Bool
    var makespan: Double
    var bubble: Double
    var simulatedMakespan: Double
    var simulatedBubble: Double

    init(_ example: PipelineExample, _ comparison: PipelineComparison, usesProcesses: Bool) {
        let schedule = example.schedule
        kind = schedule.kind
        transport = usesProcesses ? "shared memory" : "threads"
        stages = schedule.topology.stageCount
        chunks = schedule.chunkCount
        let measurement = comparison.measurement
        let simulation = measurement.simulation
        ranks = zip(measurement.bubbles, simulation.ranks).map {
            Rank(
                busy: Self.milliseconds($1.busy),
                bubble: Self.milliseconds($0),
                simulatedBubble: Self.milliseconds($1.bubble)
            )
        }
        meanLoss = comparison.meanLoss
        lossesAreBitEqual = comparison.lossesAreBitEqual
        evaluationLossesAreBitEqual = comparison.evaluationLossesAreBitEqual
        gradientDifference = comparison.gradientDifference
        agrees = comparison.agrees
        makespan = Self.milliseconds(measurement.makespan)
        bubble = Self.milliseconds(measurement.bubbles.max() ?? 0)
        simulatedMakespan = Self.milliseconds(simulation.makespan)
        simulatedBubble = Self.milliseconds(simulation.bubble)
    }

    private static func milliseconds(_ nanoseconds: Double) -> Double {
        (nanoseconds / 1000).rounded() / 1000
    }

    /// The figures as text, one row a rank.
    var table: String {
        var table = TextTable(["rank", "busy ms", "bubble ms", "simulated bubble ms"])
        for (index, rank) in ranks.enumerated() {
            table.append([
                "\(index)", "\(rank.busy)", "\(rank.bubble)", "\(rank.simulatedBubble)",
            ])
        }
        return """
            \(kind.rawValue): \(ranks.count) \(ranks.count == 1 ? "rank" : "ranks") \
            (\(transport)), \(stages) stages, \(chunks) chunks
            losses bit-equal to sequential execution: \(lossesAreBitEqual ? "yes" : "NO") \
            (forward only: \(evaluationLossesAreBitEqual ? "yes" : "NO")), mean \(meanLoss)
            gradient difference \(gradientDifference) (allowed below \
            \(PipelineComparison.gradientTolerance))
            makespan \(makespan) ms, largest bubble \(bubble) ms; simulated with the measured \
            times \(simulatedMakespan) ms, \(simulatedBubble) ms

            \(table.text)
            """
    }
}
