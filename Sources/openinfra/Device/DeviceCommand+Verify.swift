import ArgumentParser
import DeviceRuntime

extension DeviceCommand {
    /// `openinfra device verify`: exercises each facility that kernels rely on.
    struct VerifyCommand: ParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "verify",
            abstract: "Check memory, kernels, graphs, the copy engine and errors on a GPU.",
            discussion: """
                Needs a Hopper GPU. Each check prints `pass` or `fail`; one failure makes the exit \
                code 1. Two checks start this program again, as a second process on the same GPU.

                Examples:
                  openinfra device verify
                  openinfra device verify --device 1 --json
                """
        )

        @Option(help: "The GPU's number, from 0.")
        var device = 0

        @Flag(help: "Print one JSON object.")
        var json = false

        func run() throws {
            guard device >= 0 else {
                throw ValidationError("--device is \(device); it must be 0 or more")
            }
            let gpu = try GPU(device)
            try gpu.require(architecture: ["sm_90a"], for: "device verify")
            let report = DeviceReport(
                gpu: gpu.properties,
                outcomes: DeviceChecks(gpu, ordinal: device).run()
            )
            if json { try Console.printJSON(report) } else { print(report.text) }
            if report.failedCount > 0 { throw DeviceCheckFailure(count: report.failedCount) }
        }
    }
}

/// Some checks of a GPU failed.
struct DeviceCheckFailure: Error, CustomStringConvertible {
    var count: Int
    var description: String { "\(count) device check\(count == 1 ? "" : "s") failed" }
}
