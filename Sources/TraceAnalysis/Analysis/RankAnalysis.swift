/// Turns what a rank did into figures. Pure: the same spans give the same figures.
struct RankAnalysis {
    let rank: RankSpans
    let collector: SpanCollector
    let classNames: [String]
    let multiprocessorCount: Int?
    let exposedPieceLimit: Int

    private var segments: [Segment] { rank.segments }

    /// All figures.
    func summary() -> RankSummary {
        let communication = union { $0.role == .communication }
        let compute = union { $0.role == .compute }
        let overlap = communication.intersection(compute)
        var figures = OverlapFigures()
        figures.window = Self.microseconds(rank.window.length)
        figures.communication = Self.microseconds(communication.length)
        figures.compute = Self.microseconds(compute.length)
        figures.overlap = Self.microseconds(overlap.length)
        figures.busy = Self.microseconds(union { _ in true }.length)

        let annotations = annotations()
        return RankSummary(
            label: rank.label,
            figures: figures,
            classes: classes(),
            memory: sum { $0.role == .memory },
            communicationData: sum { $0.role == .communication && !$0.verdict.isWait },
            communicationWait: sum { $0.role == .communication && $0.verdict.isWait },
            lanes: lanes(),
            annotations: annotations,
            period: Self.commonPeriod(annotations),
            multiprocessors: multiprocessorCount.flatMap {
                MultiprocessorSweep.use(of: segments, count: $0)
            },
            exposedPieces: exposedPieces(communication.subtracting(compute))
        )
    }

    static func microseconds(_ nanoseconds: Int64) -> Double { Double(nanoseconds) / 1000 }

    private func union(_ isMeant: (Segment) -> Bool) -> IntervalSet {
        IntervalSet(segments.filter(isMeant).map(\.interval))
    }

    private func sum(_ isMeant: (Segment) -> Bool) -> Double {
        Self.microseconds(segments.reduce(0) { $0 + (isMeant($1) ? $1.interval.length : 0) })
    }

    private func classes() -> [RankSummary.NamedTime] {
        var sums = [Int64?](repeating: nil, count: classNames.count)
        for segment in segments where segment.role != .memory {
            sums[segment.verdict.classIndex] =
                (sums[segment.verdict.classIndex] ?? 0) + segment.interval.length
        }
        return zip(classNames, sums).compactMap { name, sum in
            sum.map { RankSummary.NamedTime(name: name, microseconds: Self.microseconds($0)) }
        }
    }

    // MARK: - Lanes

    private func lanes() -> [RankSummary.Lane] {
        let byLane = Dictionary(grouping: segments, by: \.lane)
        let isDevice = !collector.deviceSpans.isEmpty
        let keys = byLane.keys.map { lane in
            (
                lane: lane,
                key: isDevice
                    ? collector.streams.keys[Int(lane)] : collector.threads.keys[Int(lane)]
            )
        }
        // By number, as people look for them; names after numbers, as they came.
        let ordered = keys.sorted { first, second in
            switch (first.key.lane, second.key.lane) {
            case (.number(let one), .number(let other)) where one != other: one < other
            case (.number, .text): true
            case (.text, .number): false
            default: first.lane < second.lane
            }
        }
        return ordered.map { lane, key in
            let segments = byLane[lane] ?? []
            return RankSummary.Lane(
                name: collector.text(key.lane),
                spanCount: segments.count,
                busy: Self.microseconds(IntervalSet(segments.map(\.interval)).length),
                idle: Self.idle(segments)
            )
        }
    }

    /// - Parameter segments: Of one lane, sorted by start.
    private static func idle(_ segments: [Segment]) -> IdleSplit {
        var split = IdleSplit()
        guard var previousEnd = segments.first?.interval.end else { return split }
        for segment in segments.dropFirst() {
            let gap = segment.interval.start - previousEnd
            if gap > 0 {
                if let launch = segment.launch, launch > previousEnd {
                    split.host += microseconds(gap)
                } else if gap < IdleSplit.kernelGapNanoseconds {
                    split.kernel += microseconds(gap)
                } else {
                    split.other += microseconds(gap)
                }
            }
            previousEnd = max(previousEnd, segment.interval.end)
        }
        return split
    }

    // MARK: - Annotations

    private func annotations() -> [RankSummary.Annotation] {
        var intervals: [Int32: [Interval]] = [:]
        var firstStarts: [Int32: [Int32: Int64]] = [:]
        for segment in segments where segment.annotation >= 0 {
            let name = collector.annotations[Int(segment.annotation)].name
            intervals[name, default: []].append(segment.interval)
            let start = segment.interval.start
            let earliest = firstStarts[name]?[segment.annotation] ?? start
            firstStarts[name, default: [:]][segment.annotation] = min(earliest, start)
        }
        let result = intervals.map { name, intervals in
            let starts = (firstStarts[name] ?? [:]).values.sorted()
            let periods = zip(starts, starts.dropFirst()).map { $1 - $0 }.sorted()
            let median = periods.count < 2 ? nil : periods[periods.count / 2]
            let range = (periods.last ?? 0) - (periods.first ?? 0)
            return RankSummary.Annotation(
                name: collector.names[name],
                occurrenceCount: starts.count,
                deviceTime: Self.microseconds(IntervalSet(intervals).length),
                period: median.map(Self.microseconds),
                periodSpread: median.map { $0 > 0 ? Double(range) / Double($0) : 0 }
            )
        }
        return result.sorted {
            $0.deviceTime != $1.deviceTime ? $0.deviceTime > $1.deviceTime : $0.name < $1.name
        }
    }

    /// How far periods of different annotations may be apart to be one period.
    private static let cleanSpread = 0.25

    private static func commonPeriod(_ annotations: [RankSummary.Annotation]) -> Double? {
        let most = annotations.filter { $0.period != nil }.map(\.occurrenceCount).max()
        let periods = annotations.filter { $0.occurrenceCount == most }
            .compactMap(\.period).sorted()
        guard let first = periods.first, let last = periods.last else { return nil }
        let median = periods[periods.count / 2]
        return last - first <= cleanSpread * median ? median : nil
    }

    // MARK: - Exposed communication

    private func exposedPieces(_ exposed: IntervalSet) -> [RankSummary.ExposedPiece] {
        let longest = exposed.intervals.sorted {
            $0.length != $1.length ? $0.length > $1.length : $0.start < $1.start
        }.prefix(exposedPieceLimit)
        return longest.compactMap { piece in
            // The longest resident of the piece names it.
            let resident = segments.lazy.filter { $0.role == .communication }
                .map { (overlap: Self.overlap($0.interval, piece), segment: $0) }
                .max { $0.overlap < $1.overlap }?.segment
            guard let resident else { return nil }
            let next = segments.first {
                $0.role == .compute && $0.interval.start >= piece.end
            }
            return RankSummary.ExposedPiece(
                start: Self.microseconds(piece.start - rank.window.start),
                duration: Self.microseconds(piece.length),
                name: collector.names[resident.name],
                annotation: resident.annotation < 0
                    ? nil : collector.names[collector.annotations[Int(resident.annotation)].name],
                isWait: resident.verdict.isWait,
                nextCompute: next.map { collector.names[$0.name] }
            )
        }
    }

    private static func overlap(_ first: Interval, _ second: Interval) -> Int64 {
        max(0, min(first.end, second.end) - max(first.start, second.start))
    }
}
