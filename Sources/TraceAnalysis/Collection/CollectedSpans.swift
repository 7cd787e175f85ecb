/// Something that ran on a device. Times are nanoseconds of the trace's clock.
struct DeviceSpan {
    var start: Int64
    var duration: Int64
    var correlation: Int64
    var name: Int32
    var category: Int32
    /// An index into ``SpanCollector/streams``.
    var stream: Int32
    /// How many thread blocks a kernel has; -1 if unknown.
    var blockCount: Int32

    var end: Int64 { start + duration }
}

/// A call on the host that launched device work.
struct Launch {
    var correlation: Int64
    var start: Int64
    /// An index into ``SpanCollector/tracks``' processes.
    var process: Int32
}

/// A span of the host that names a piece of the program.
struct Annotation {
    var start: Int64
    var end: Int64
    var name: Int32
    var process: Int32
}

/// A span of the host that is work of a rank.
struct HostSpan {
    var start: Int64
    var end: Int64
    var name: Int32
    var category: Int32
    /// An index into ``SpanCollector/threads``.
    var thread: Int32
}

/// A process, as the trace calls it.
enum TrackKey: Hashable {
    case number(Int64)
    case text(Int32)
}

/// A stream of a device, or a thread of a process.
struct LaneKey: Hashable {
    /// An index into ``SpanCollector/processes``.
    var process: Int32
    var lane: TrackKey
}
