/// Everything one rank did, classified, and the window it is measured in.
struct RankSpans {
    var label: String
    var window: Interval
    /// Sorted by start.
    var segments: [Segment]

    /// The ranks of a trace: its devices if it has any, else its threads.
    static func all(
        in collector: SpanCollector,
        classifier: SpanClassifier,
        distributedRank: Int?
    ) -> [RankSpans] {
        if collector.deviceSpans.isEmpty {
            return threads(collector, classifier)
        }
        return devices(collector, classifier, distributedRank)
    }

    private static func devices(
        _ collector: SpanCollector,
        _ classifier: SpanClassifier,
        _ distributedRank: Int?
    ) -> [RankSpans] {
        let index = LaunchIndex(collector.launches, collector.annotations)
        let streams = collector.streams.keys
        var byProcess: [Int32: [Segment]] = [:]
        for span in collector.deviceSpans {
            let stream = streams[Int(span.stream)]
            let verdict = classifier.verdict(
                name: (span.name, { collector.names[span.name] }),
                category: (span.category, { collector.names[span.category] }),
                stream: (span.stream, { collector.text(stream.lane) })
            )
            if verdict.role == .ignored { continue }
            let launch = index.find(span.correlation)
            byProcess[stream.process, default: []].append(
                Segment(
                    interval: Interval(start: span.start, end: span.end),
                    verdict: verdict,
                    name: span.name,
                    lane: span.stream,
                    blockCount: span.blockCount,
                    annotation: launch?.annotation ?? -1,
                    launch: launch?.start
                )
            )
        }
        return byProcess.keys.sorted().compactMap { process in
            let segments = sorted(byProcess[process] ?? [])
            let key = collector.processes.keys[Int(process)]
            var label = "device \(collector.text(key))"
            if let distributedRank, byProcess.count == 1 { label = "rank \(distributedRank)" }
            return window(of: segments).map {
                RankSpans(label: label, window: $0, segments: segments)
            }
        }
    }

    private static func threads(
        _ collector: SpanCollector,
        _ classifier: SpanClassifier
    ) -> [RankSpans] {
        var byThread: [Int32: [HostSpan]] = [:]
        for span in collector.hostSpans { byThread[span.thread, default: []].append(span) }
        var ranks: [(process: Int32, lane: String, rank: RankSpans)] = []
        for thread in byThread.keys.sorted() {
            let key = collector.threads.keys[Int(thread)]
            let lane = collector.text(key.lane)
            let spans = byThread[thread] ?? []
            let segments = InnermostSegments.cut(spans).compactMap { index, interval -> Segment? in
                let span = spans[index]
                let verdict = classifier.verdict(
                    name: (span.name, { collector.names[span.name] }),
                    category: (span.category, { collector.names[span.category] }),
                    stream: (thread, { lane })
                )
                guard verdict.role != .ignored else { return nil }
                return Segment(interval: interval, verdict: verdict, name: span.name, lane: thread)
            }
            guard let window = window(of: segments) else { continue }
            let label = collector.threadNames[key] ?? "thread \(lane)"
            ranks.append(
                (key.process, lane, RankSpans(label: label, window: window, segments: segments))
            )
        }
        // Threads come in the order in which they first appear; readers expect thread 0 first, and
        // thread 10 after thread 2.
        ranks.sort {
            ($0.process, $0.lane.count, $0.lane) < ($1.process, $1.lane.count, $1.lane)
        }
        // The threads of a process share a clock and a program: one that begins late or ends early
        // is idle until the others do.
        return ranks.map { process, _, rank in
            let windows = ranks.filter { $0.process == process }.map(\.rank.window)
            var rank = rank
            rank.window.start = windows.map(\.start).min() ?? rank.window.start
            rank.window.end = windows.map(\.end).max() ?? rank.window.end
            return rank
        }
    }

    private static func sorted(_ segments: [Segment]) -> [Segment] {
        // Among equals the file's order, which `sort` alone does not promise to keep.
        segments.enumerated().sorted {
            let (first, second) = ($0.element.interval.start, $1.element.interval.start)
            return first != second ? first < second : $0.offset < $1.offset
        }.map(\.element)
    }

    private static func window(of segments: [Segment]) -> Interval? {
        guard let start = segments.map(\.interval.start).min(),
            let end = segments.map(\.interval.end).max()
        else { return nil }
        return Interval(start: start, end: end)
    }
}
