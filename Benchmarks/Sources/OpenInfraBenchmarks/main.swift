#if canImport(Glibc)
    import Glibc
#endif

let usage = """
    Measures this machine; every figure stands beside a baseline of the same run.

    usage: openinfra-benchmarks [--json] [--quick]

      --json    print one JSON object instead of a table
      --quick   one short measurement a row: whether it runs, not how fast
    """

/// Prints one line to stderr and ends the program.
func fail(_ message: String, exitCode: Int32) -> Never {
    let line = Array("openinfra-benchmarks: error: \(message)\n".utf8)
    _ = write(STDERR_FILENO, line, line.count)
    exit(exitCode)
}

let arguments = Set(CommandLine.arguments.dropFirst())
if arguments.contains("--help") {
    print(usage)
    exit(0)
}
if let unknown = arguments.subtracting(["--json", "--quick"]).min() {
    fail("\(unknown) is unknown; use --json, --quick", exitCode: 64)
}
let isQuick = arguments.contains("--quick")
let stopwatch = Stopwatch(
    minimum: isQuick ? .milliseconds(5) : .milliseconds(200),
    repetitions: isQuick ? 1 : 7
)
do {
    var report = Report(
        processor: Report.processorName(),
        instructions: PeakBenchmark.instructions
    )
    let peak = PeakBenchmark.gigaflops(stopwatch)
    report.rows.append(Row(name: "multiply-add loop", value: peak, unit: "GFLOPS"))
    report.rows += try GEMMBenchmark.rows(stopwatch, peak: peak)
    report.rows += MemoryBenchmark.rows(stopwatch, elementCount: isQuick ? 1 << 20 : 1 << 24)
    report.rows += ConversionBenchmark.rows(stopwatch, elementCount: isQuick ? 1 << 16 : 1 << 22)
    report.rows += try TraceBenchmark.rows(stopwatch, eventCount: isQuick ? 4_000 : 400_000)
    report.rows += try PlacementBenchmark.rows(stopwatch)
    print(arguments.contains("--json") ? try report.json() : report.table())
} catch {
    fail("\(error)", exitCode: 1)
}
