import DualPipe
import FoundationEssentials

/// What `openinfra dualpipe schedule` prints.
struct ScheduleReport: Encodable {
    /// One operation with its simulated time; encodes as one flat object.
    struct TimedOp: Encodable {
        var op: PipelineOp
        var start: Double
        var end: Double

        private enum Key: String, CodingKey { case start, end }

        func encode(to encoder: any Encoder) throws {
            try op.encode(to: encoder)
            var container = encoder.container(keyedBy: Key.self)
            try container.encode(start, forKey: .start)
            try container.encode(end, forKey: .end)
        }
    }

    struct Rank: Encodable {
        var ops: [TimedOp]
        var busy: Double
        var bubble: Double
        var peakActivations: Int
        var peakWeightBacklog: Int
    }

    var kind: PipelineKind
    var stages: Int
    var chunks: Int
    var times: PipelineTimes
    var ranks: [Rank]
    var makespan: Double
    var bubble: Double
    var formulaBubble: Double
    var peakActivations: [Int]
    var peakWeightBacklog: [Int]

    init(_ simulation: PipelineSimulation, times: PipelineTimes) {
        let schedule = simulation.schedule
        kind = schedule.kind
        stages = schedule.topology.stageCount
        chunks = schedule.chunkCount
        self.times = times
        ranks = zip(schedule.operations, simulation.ranks).map { operations, rank in
            Rank(
                ops: zip(operations, rank.spans).map {
                    TimedOp(op: $0, start: Self.round($1.start), end: Self.round($1.end))
                },
                busy: Self.round(rank.busy),
                bubble: Self.round(rank.bubble),
                peakActivations: rank.peakActivations,
                peakWeightBacklog: rank.peakWeightBacklog
            )
        }
        makespan = Self.round(simulation.makespan)
        bubble = Self.round(simulation.bubble)
        formulaBubble = Self.round(times.formulaBubble(of: schedule.topology))
        peakActivations = simulation.ranks.map(\.peakActivations)
        peakWeightBacklog = simulation.ranks.map(\.peakWeightBacklog)
    }

    /// Sums of decimal fractions end in noise such as 7.199999999999989; nine decimals are plenty.
    static func round(_ value: Double) -> Double { (value * 1e9).rounded() / 1e9 }

    /// The figures as a table, one row a rank.
    var table: String {
        var table = TextTable(
            ["rank", "ops", "busy", "bubble", "peak activations", "peak waiting weights"]
        )
        for (index, rank) in ranks.enumerated() {
            table.append([
                "\(index)", "\(rank.ops.count)", "\(rank.busy)", "\(rank.bubble)",
                "\(rank.peakActivations)", "\(rank.peakWeightBacklog)",
            ])
        }
        return """
            \(kind.rawValue): \(ranks.count) \(ranks.count == 1 ? "rank" : "ranks"), \(stages) stages, \(chunks) chunks
            makespan \(makespan), bubble \(bubble) (formula \(formulaBubble)), no deadlock

            \(table.text)
            """
    }
}
