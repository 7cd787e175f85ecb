import Collectives
import DualPipe
import FoundationEssentials
import InfraCore
import Tensors
import Traces
import Transport

/// What each rank of `openinfra dualpipe run` does, thread or process.
struct RunJob: Sendable {
    var example: PipelineExample
    var timeout: Duration
    var tracePath: String?
    var printsJSON: Bool
    var usesProcesses: Bool

    /// Runs the example; rank 0 compares, writes the trace and prints.
    ///
    /// - Throws: `ExitCode.failure` if the results disagree.
    func run(on transport: any RankTransport) throws {
        let communicator = Communicator(world: transport, timeout: timeout)
        let recorder = tracePath == nil ? nil : TraceRecorder()
        let outcome = try example.run(on: communicator, recorder: recorder)
        if let tracePath, let recorder {
            try writeTrace(recorder, to: tracePath, communicator)
        }
        guard let outcomes = try outcome.gathered(on: communicator) else { return }
        let report = RunReport(
            example,
            try PipelineComparison(example, outcomes: outcomes),
            usesProcesses: usesProcesses
        )
        if printsJSON { try Console.printJSON(report) } else { print(report.table) }
        guard report.agrees else {
            throw RunDisagreement(report: report)
        }
    }

    /// Joins the ranks' traces on rank 0: they share the machine's clock.
    private func writeTrace(
        _ recorder: TraceRecorder,
        to path: String,
        _ communicator: Communicator
    ) throws {
        let rank = communicator.rank
        recorder.nameThread(process: 0, thread: .number(rank), "rank \(rank)", sortIndex: rank)
        let bytes = HostTensor([UInt8](try recorder.trace().json()))
        let parts = try communicator.allGather([bytes])
        guard rank == 0 else { return }
        let schedule = example.schedule
        recorder.nameProcess(0, "\(schedule.kind.rawValue), \(schedule.rankCount) ranks")
        var trace = recorder.trace()
        for part in parts.dropFirst().compactMap(\.first) {
            guard let part else { continue }
            trace.events += try ChromeTrace(json: Data(part.elements(of: UInt8.self))).events
        }
        try trace.write(to: path)
    }
}

/// The pipelined run came to other results than the sequential one.
struct RunDisagreement: Error, CustomStringConvertible {
    var report: RunReport

    var description: String {
        "the pipelined run disagrees with the sequential one: losses "
            + "\(report.lossesAreBitEqual ? "equal" : "differ"), forward-only losses "
            + "\(report.evaluationLossesAreBitEqual ? "equal" : "differ"), gradient difference "
            + "\(report.gradientDifference) (allowed below \(PipelineComparison.gradientTolerance))"
    }
}
