/// A profile of one step, small enough to work out by hand. Times in microseconds after 1000.
///
///     time      0        50      100  120  150     200     230 235 240   300 310
///     stream 7  [ gemm            ]    [ flash ]              [cp]        [own]
///     stream 20          [ dispatch                 ][ notify      ]
///
/// The host launched them at 1, 5, 10, 15, 20 and 290, in this order. Annotation `step` stands
/// from -10 to 300, in it `layer` from 0 to 12, in it `attn` from 9 to 11.
enum SmallTrace {
    static let header = """
        "schemaVersion": 1, "deviceProperties": [{"id": 0, "numSms": 100}],
        "distributedInfo": {"backend": "nccl", "rank": 5, "world_size": 64}
        """

    static let events = """
        [
          {"ph": "X", "cat": "user_annotation", "name": "step", "pid": 9, "tid": 9, "ts": 990, "dur": 310},
          {"ph": "X", "cat": "user_annotation", "name": "layer", "pid": 9, "tid": 9, "ts": 1000, "dur": 12},
          {"ph": "X", "cat": "user_annotation", "name": "attn", "pid": 9, "tid": 9, "ts": 1009, "dur": 2},
          {"ph": "X", "cat": "user_annotation", "name": "attn", "pid": 8, "tid": 9, "ts": 1000, "dur": 900},
          {"ph": "X", "cat": "cpu_op", "name": "aten::\\"linear\\" [{", "pid": 9, "tid": 9, "ts": 1000, "dur": 200, "args": {"x": [1, {"y": "}]"}]}},
        \(launch(1, 1)),
        \(launch(2, 5)),
        \(launch(3, 10)),
        \(launch(4, 15)),
        \(launch(5, 20)),
        \(launch(6, 290)),
        \(device("kernel", "void cutlass::device_kernel<x::GemmKernel>(P)", 7, 0, 100, 1, "[50, 2, 1]")),
        \(device("kernel", "void dpsk::ep::internode::dispatch<8>(int)", 20, 50, 150, 2, "[20, 1, 1]")),
        \(device("kernel", "flash::forward", 7, 120, 30, 3, "[60, 1, 1]")),
        \(device("kernel", "dpsk::ep::internode::cached_notify", 20, 200, 40, 4, "[20, 1, 1]")),
        \(device("gpu_memcpy", "Memcpy DtoD", 7, 230, 5, 5, nil)),
        \(device("kernel", "own", 7, 300, 10, 6, nil)),
          {"ph": "s", "id": 1, "pid": 9, "tid": 9, "ts": 1001, "cat": "ac2g", "name": "ac2g"},
          {"ph": "M", "name": "thread_name", "pid": 0, "tid": 7, "args": {"name": "stream 7"}}
        ]
        """

    /// With keys before and after the events, as PyTorch writes it.
    static let text =
        "{\n\(header),\n\"traceEvents\": \(events),\n\"traceName\": \"small.json\"\n}\n"

    private static func launch(_ correlation: Int, _ time: Int) -> String {
        """
          {"ph": "X", "cat": "cuda_runtime", "name": "cudaLaunchKernel", "pid": 9, "tid": 3, \
        "ts": \(1000 + time), "dur": 1, "args": {"cbid": 211, "correlation": \(correlation)}}
        """
    }

    private static func device(
        _ category: String,
        _ name: String,
        _ stream: Int,
        _ start: Int,
        _ duration: Int,
        _ correlation: Int,
        _ grid: String?
    ) -> String {
        """
          {"ph": "X", "cat": "\(category)", "name": "\(name)", "pid": 0, "tid": \(stream), \
        "ts": \(1000 + start), "dur": \(duration), "args": {"device": 0, "stream": \(stream), \
        "correlation": \(correlation)\(grid.map { ", \"grid\": \($0)" } ?? "")}}
        """
    }
}
