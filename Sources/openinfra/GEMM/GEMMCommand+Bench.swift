import ArgumentParser
import CUDADriver
import DeepGEMM
import DeviceRuntime
import InfraCore
import Tensors

extension GEMMCommand {
    /// `openinfra gemm bench`: dense products at DeepSeek-V3's sizes.
    struct BenchCommand: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "bench",
            abstract: "Time dense products on the GPU.",
            discussion: """
                The second-level cache is flushed before each run; times are medians of device \
                events around one launch. The share is of the copy bandwidth measured in the same \
                run.

                Examples:
                  openinfra gemm bench
                  openinfra gemm bench --rows 64 --json
                """
        )

        @Option(help: "Rows of A; several may be given.")
        var rows: [Int] = [64, 128, 4096]

        @Option(help: "Runs of each product; the median counts.")
        var repeats = 20

        @Flag(help: "Print one JSON object.")
        var json = false

        struct Row: Encodable {
            var m, n, k: Int
            var kernel: String
            var microseconds, teraflops, gigabytesPerSecond, shareOfCopy: Double
        }

        struct Report: Encodable {
            var device: String
            var copyGigabytesPerSecond: Double
            var rows: [Row]
        }

        static let sizes = [
            (2112, 7168), (576, 7168), (24576, 1536), (32768, 512), (7168, 16384), (4096, 7168),
            (7168, 2048),
        ]

        func validate() throws {
            guard rows.allSatisfy({ $0 > 0 }) else {
                throw ValidationError("--rows is \(rows); rows must be positive")
            }
            guard repeats > 0 else {
                throw ValidationError("--repeats is \(repeats); it must be positive")
            }
        }

        func run() async throws {
            let gpu = try GPU()
            let device = try DeviceGEMM(gpu)
            let timer = try DeviceTimer(gpu.context)
            let copy = try CopyBandwidth.gigabytesPerSecond(gpu.context)
            var results: [Row] = []
            var progress = Progress("timing", total: rows.count * Self.sizes.count)
            for m in rows {
                for (n, k) in Self.sizes {
                    let shape = GEMMShape(m: m, n: n, k: k)
                    results.append(try measure(shape, device, timer, copy))
                    progress.update(results.count, detail: "\(shape)")
                }
            }
            let name = gpu.properties.name
            if json {
                try Console.printJSON(
                    Report(device: name, copyGigabytesPerSecond: copy, rows: results)
                )
                return
            }
            print("\(name), copy \(Int(copy)) GB/s")
            print("M N K | us | TFLOPS | GB/s | share of copy | kernel")
            for row in results {
                let time = (row.microseconds * 10).rounded() / 10
                print(
                    "\(row.m) \(row.n) \(row.k) | \(time) | \(Int(row.teraflops)) | "
                        + "\(Int(row.gigabytesPerSecond)) | \(Int(row.shareOfCopy * 100)) % | "
                        + row.kernel
                )
            }
        }

        private func measure(
            _ shape: GEMMShape,
            _ device: DeviceGEMM,
            _ timer: borrowing DeviceTimer,
            _ copy: Double
        ) throws -> Row {
            let context = device.gpu.context
            let stream = try device.gpu.makeStream()
            var random = SeededRandom(seed: 1)
            func operand(_ rows: Int) throws -> DeviceTensor {
                let values = (0..<rows * shape.k).map { _ in random.uniform() * 2 - 1 }
                let host = HostTensor(values, shape: [rows, shape.k]).converted(to: .bfloat16)
                let tensor = try DeviceTensor(
                    uninitialized: host.shape,
                    dtype: .bfloat16,
                    in: context
                )
                try tensor.upload(host, on: stream)
                return tensor
            }
            let a = try DeviceQuantizedRows(uninitialized: [shape.m, shape.k], in: context)
            let b = try DeviceQuantizedBlocks(uninitialized: [shape.n, shape.k], in: context)
            try device.quantize(operand(shape.m), into: a, on: stream)
            try device.quantize(operand(shape.n), into: b, on: stream)
            let d = try DeviceTensor(
                uninitialized: [shape.m, shape.n],
                dtype: .bfloat16,
                in: context
            )
            try stream.synchronize()
            let timing = try timer.measure(repetitions: repeats, on: stream) { stream in
                try device.multiply(a, b, into: d, on: stream)
            }
            let bytes = shape.m * shape.k + shape.n * shape.k + 2 * shape.m * shape.n
            let bandwidth = timing.gigabytesPerSecond(byteCount: bytes)
            return Row(
                m: shape.m,
                n: shape.n,
                k: shape.k,
                kernel: GEMMHeuristics.dense(
                    shape,
                    multiprocessorCount: device.multiprocessorCount
                ).description,
                microseconds: timing.medianMicroseconds,
                teraflops: timing.teraflops(operationCount: shape.operationCount),
                gigabytesPerSecond: bandwidth,
                shareOfCopy: bandwidth / copy
            )
        }
    }
}
