import Traces

/// Keeps of a trace's entries what the analysis needs: about 40 bytes for what ran on a device, 24
/// for each launch, nothing for the rest.
final class SpanCollector {
    private enum Kind {
        case device, launch, annotation, host, ignored
    }

    private(set) var names = NameTable()
    private(set) var processes = Numbering<TrackKey>()
    private(set) var streams = Numbering<LaneKey>()
    private(set) var threads = Numbering<LaneKey>()
    private(set) var deviceSpans: [DeviceSpan] = []
    private(set) var launches: [Launch] = []
    private(set) var annotations: [Annotation] = []
    private(set) var hostSpans: [HostSpan] = []
    /// What metadata entries call threads.
    private(set) var threadNames: [LaneKey: String] = [:]
    /// How many entries were seen, of whatever kind.
    private(set) var eventCount = 0
    /// How many entries of kind `X` were seen.
    private(set) var spanCount = 0

    private let kindByCategory: [String: Kind]
    /// The kind of each category by its number in ``names``.
    private var kinds: [Int32: Kind] = [:]
    private var lastCategory: (index: Int32, kind: Kind)?

    init(_ rules: AnalysisRules) {
        var kinds: [String: Kind] = [:]
        for category in rules.ignoredCategories { kinds[category] = .ignored }
        for category in rules.annotationCategories { kinds[category] = .annotation }
        for category in rules.launchCategories { kinds[category] = .launch }
        for category in rules.deviceCategories { kinds[category] = .device }
        kindByCategory = kinds
    }

    /// Looks at one entry.
    func add(_ event: RawTraceEvent) {
        eventCount += 1
        switch event.kind {
        case UInt8(ascii: "X"): addSpan(event)
        case UInt8(ascii: "M"): addMetadata(event)
        default: break
        }
    }

    private func addSpan(_ event: RawTraceEvent) {
        spanCount += 1
        let category = names.index(of: event.category)
        switch kind(of: category) {
        case .ignored:
            return
        case .launch:
            guard event.correlation >= 0 else { return }
            launches.append(
                Launch(
                    correlation: event.correlation,
                    start: event.start,
                    process: processes.number(of: key(event.process))
                )
            )
        case .device:
            let process = processes.number(of: key(event.process))
            let lane = event.stream >= 0 ? TrackKey.number(event.stream) : key(event.thread)
            deviceSpans.append(
                DeviceSpan(
                    start: event.start,
                    duration: max(event.duration, 0),
                    correlation: event.correlation,
                    name: names.index(of: event.name),
                    category: category,
                    stream: streams.number(of: LaneKey(process: process, lane: lane)),
                    blockCount: Int32(clamping: event.blockCount)
                )
            )
        case .annotation:
            annotations.append(
                Annotation(
                    start: event.start,
                    end: event.start + max(event.duration, 0),
                    name: names.index(of: event.name),
                    process: processes.number(of: key(event.process))
                )
            )
        case .host:
            let process = processes.number(of: key(event.process))
            hostSpans.append(
                HostSpan(
                    start: event.start,
                    end: event.start + max(event.duration, 0),
                    name: names.index(of: event.name),
                    category: category,
                    thread: threads.number(
                        of: LaneKey(process: process, lane: key(event.thread))
                    )
                )
            )
        }
    }

    private func addMetadata(_ event: RawTraceEvent) {
        guard event.name.bytes.elementsEqual("thread_name".utf8) else { return }
        let process = processes.number(of: key(event.process))
        let lane = LaneKey(process: process, lane: key(event.thread))
        let index = names.index(of: event.argumentName)
        threadNames[lane] = names[index]
    }

    private func kind(of category: Int32) -> Kind {
        if let lastCategory, lastCategory.index == category { return lastCategory.kind }
        let kind = kinds[category] ?? kindByCategory[names[category]] ?? .host
        kinds[category] = kind
        lastCategory = (category, kind)
        return kind
    }

    private func key(_ track: RawTraceEvent.Track) -> TrackKey {
        switch track {
        case .absent: .number(0)
        case .number(let number): .number(number)
        case .text(let text): .text(names.index(of: text))
        }
    }

    /// A process, stream or thread as the trace calls it.
    func text(_ key: TrackKey) -> String {
        switch key {
        case .number(let number): "\(number)"
        case .text(let index): names[index]
        }
    }
}
