/// Finds for device work the call that launched it, and the annotation that call stands in.
struct LaunchIndex {
    /// Sorted by correlation.
    private let launches: [Launch]
    /// For each of ``launches``, the innermost annotation around it; -1 if there is none.
    private let annotations: [Int32]

    /// Joins launches and annotations.
    ///
    /// The innermost annotation is the shortest of those of the launch's process, on whatever
    /// thread, that had begun and not ended when the call began: PyTorch's backward pass launches
    /// from a thread of its own while the annotation stands on the main one.
    init(_ unsorted: [Launch], _ annotations: [Annotation]) {
        let launches = unsorted.sorted { $0.correlation < $1.correlation }
        let byTime = launches.indices.sorted { launches[$0].start < launches[$1].start }
        let opening = annotations.indices.sorted { annotations[$0].start < annotations[$1].start }
        var owners = [Int32](repeating: -1, count: launches.count)
        var open: [Int] = []
        var next = 0
        for index in byTime {
            let launch = launches[index]
            while next < opening.count, annotations[opening[next]].start <= launch.start {
                open.append(opening[next])
                next += 1
            }
            open.removeAll { annotations[$0].end <= launch.start }
            let owner = open.filter { annotations[$0].process == launch.process }.min {
                let (first, second) = (annotations[$0], annotations[$1])
                return first.end - first.start < second.end - second.start
            }
            if let owner { owners[index] = Int32(owner) }
        }
        self.launches = launches
        self.annotations = owners
    }

    /// The launch with a correlation.
    ///
    /// - Returns: When it began, and the number of its annotation or -1; `nil` if it is not in the
    ///   trace.
    func find(_ correlation: Int64) -> (start: Int64, annotation: Int32)? {
        guard correlation >= 0 else { return nil }
        var (low, high) = (0, launches.count)
        while low < high {
            let middle = (low + high) / 2
            if launches[middle].correlation < correlation {
                low = middle + 1
            } else {
                high = middle
            }
        }
        guard low < launches.count, launches[low].correlation == correlation else { return nil }
        return (launches[low].start, annotations[low])
    }
}
