import ArgumentParser
import CUDADriver
import DeepGEMM
import DeviceRuntime
import InfraCore
import Tensors

extension GEMMCommand {
    /// `openinfra gemm verify`: every kernel against products of the unquantised operands.
    struct VerifyCommand: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "verify",
            abstract: "Compare products with those of the unquantised operands.",
            discussion: """
                The difference is 1 - 2<x,y> / (<x,x> + <y,y>); quantisation leaves about 7e-4. \
                Results are filled with NaN before each call, so that what a kernel leaves out is \
                seen. Without --backend the GPU is used.

                Examples:
                  openinfra gemm verify
                  openinfra gemm verify --backend cpu --filter masked --json
                """
        )

        @Option(help: "gpu or cpu.")
        var backend: Backend = .gpu

        @Option(help: "Run only cases whose name contains this.")
        var filter: String?

        @Option(help: "The number that random operands are made from.")
        var seed: UInt64 = 1

        @Flag(help: "Print one JSON object.")
        var json = false

        struct Row: Encodable {
            var name: String
            var difference: Double
            var passed: Bool
        }

        struct Report: Encodable {
            var backend: String
            var cases: [Row]
        }

        struct Failures: Error, CustomStringConvertible {
            var names: [String]
            var description: String {
                "\(names.count) products differ too much: \(names.joined(separator: ", "))"
            }
        }

        func run() async throws {
            let cases = GEMMCase.all(isLarge: backend == .gpu)
                .filter { filter.map($0.name.contains) ?? true }
            guard !cases.isEmpty else {
                throw ValidationError(
                    "--filter is \(filter ?? ""); no case has that in its name, try dense, "
                        + "accumulated, contiguous or masked"
                )
            }
            let runner = try backend == .gpu ? GEMMCaseRunner.gpu(DeviceGEMM(GPU())) : .cpu
            var progress = Progress("verifying", total: cases.count)
            var rows: [Row] = []
            for (index, item) in cases.enumerated() {
                let difference = try runner.difference(item, seed: seed &+ UInt64(index))
                // NaN passes no comparison.
                rows.append(
                    Row(name: item.name, difference: difference, passed: difference < item.limit)
                )
                progress.update(index + 1, detail: item.name)
            }
            if json {
                try Console.printJSON(
                    Report(backend: backend.rawValue, cases: rows)
                )
            } else {
                for row in rows {
                    print(row.passed ? "ok    " : "FAILED", row.difference, row.name)
                }
                print("\(rows.filter(\.passed).count) of \(rows.count) passed")
            }
            let failed = rows.filter { !$0.passed }.map(\.name)
            guard failed.isEmpty else { throw Failures(names: failed) }
        }
    }
}
