import TraceAnalysis

#if canImport(Glibc)
    import Glibc
#endif

/// Analysis of a generated profile, against copying the same file through memory.
enum TraceBenchmark {
    static func rows(_ stopwatch: Stopwatch, eventCount: Int) throws -> [Row] {
        let path = "openinfra-benchmark-\(getpid()).json"
        defer { unlink(path) }
        let byteCount = write(eventCount: eventCount, to: path)
        let seconds = try stopwatch.secondsPerCall {
            _ = try TraceAnalyzer().analyze(contentsOf: path)
        }
        let readSeconds = stopwatch.secondsPerCall { read(path) }
        return [
            Row(
                name: "trace analyze \(byteCount >> 20) MiB",
                value: Double(byteCount) / seconds / 1e6,
                unit: "MB/s",
                baseline: "read",
                share: readSeconds / seconds
            )
        ]
    }

    /// Writes entries as a profiler does: an operator, a launch, an arrow and a kernel in turn.
    private static func write(eventCount: Int, to path: String) -> Int {
        guard let file = fopen(path, "w") else { return 0 }
        defer { fclose(file) }
        var byteCount = 0
        func put(_ text: String) {
            byteCount += text.utf8.count
            fputs(text, file)
        }
        put("{\"schemaVersion\": 1, \"traceEvents\": [\n")
        for index in 0..<eventCount / 4 {
            let time = 1_740_461_679_470_813 + index * 20
            let stream = index.isMultiple(of: 3) ? 27 : 7
            let name =
                stream == 27
                ? "void dpsk::ep::internode::combine<false, 8, __nv_bfloat16, 8, 2>(int4*, float*)"
                : "void cutlass::device_kernel<dpsk::grouped_gemm::fp8::GemmKernel>(Params)"
            put(
                """
                \(index == 0 ? "" : ",\n")\
                {"ph": "X", "cat": "cpu_op", "name": "aten::linear", "pid": 11, "tid": 11, \
                "ts": \(time).250, "dur": 15.125, "args": {"External id": \(index)}},
                {"ph": "X", "cat": "cuda_runtime", "name": "cudaLaunchKernel", "pid": 11, \
                "tid": 11, "ts": \(time + 2), "dur": 3, "args": {"correlation": \(index)}},
                {"ph": "s", "id": \(index), "pid": 11, "tid": 11, "ts": \(time + 2), \
                "cat": "ac2g", "name": "ac2g"},
                {"ph": "X", "cat": "kernel", "name": "\(name)", "pid": 0, "tid": \(stream), \
                "ts": \(time + 50), "dur": 17, "args": {"queued": 0, "device": 0, \
                "stream": \(stream), "correlation": \(index), "grid": [112, 1, 1], \
                "block": [128, 1, 1]}}
                """
            )
        }
        put("\n]}\n")
        return byteCount
    }

    /// Reads a file through a buffer of the size that the analysis uses.
    private static func read(_ path: String) {
        let descriptor = open(path, O_RDONLY)
        let buffer = UnsafeMutableRawPointer.allocate(byteCount: 512 << 10, alignment: 64)
        while Glibc.read(descriptor, buffer, 512 << 10) > 0 {}
        buffer.deallocate()
        close(descriptor)
    }
}
