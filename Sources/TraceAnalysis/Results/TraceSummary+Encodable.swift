/// Written as the command line prints it: flat figures of all ranks, then each rank's own. Keys are
/// snake case and end in their unit; shares are 0 to 1.
extension TraceSummary: Encodable {
    private enum Key: String, CodingKey {
        case source
        case eventCount = "event_count"
        case byteCount = "byte_count"
        case rankCount = "rank_count"
        case ranks
    }

    /// Writes the summary. The figures of the first level are those of the rank if there is one,
    /// and sums over the ranks otherwise; lists of pieces and periods are given for each rank only.
    public func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: Key.self)
        try container.encode(source, forKey: .source)
        try container.encode(eventCount, forKey: .eventCount)
        try container.encode(byteCount, forKey: .byteCount)
        try container.encode(ranks.count, forKey: .rankCount)
        try container.encode(ranks, forKey: .ranks)
        try figures.encode(to: encoder)
        try SharedFigures(ranks).encode(to: encoder)
    }
}

/// What ranks have in common beside ``OverlapFigures``, summed by name.
private struct SharedFigures: Encodable {
    private enum Key: String, CodingKey {
        case kernelClasses = "kernel_classes"
        case annotations
        case memory = "memory_us"
        case communicationData = "communication_data_us"
        case communicationWait = "communication_wait_us"
        case idleSplit = "idle_split"
    }

    private var classes: [String: Double] = [:]
    private var annotations: [String: Double] = [:]
    private var memory = 0.0
    private var data = 0.0
    private var wait = 0.0
    private var idle = IdleSplit()

    init(_ ranks: [RankSummary]) {
        for rank in ranks {
            for entry in rank.classes { classes[entry.name, default: 0] += entry.microseconds }
            for entry in rank.annotations {
                annotations[entry.name, default: 0] += entry.deviceTime
            }
            memory += rank.memory
            data += rank.communicationData
            wait += rank.communicationWait
            idle += rank.idle
        }
    }

    func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: Key.self)
        try container.encode(classes, forKey: .kernelClasses)
        try container.encode(annotations, forKey: .annotations)
        try container.encode(memory, forKey: .memory)
        try container.encode(data, forKey: .communicationData)
        try container.encode(wait, forKey: .communicationWait)
        try container.encode(idle, forKey: .idleSplit)
    }
}

extension OverlapFigures: Encodable {
    private enum Key: String, CodingKey {
        case window = "window_us"
        case compute = "compute_us"
        case communication = "communication_us"
        case overlap = "overlap_us"
        case exposed = "exposed_communication_us"
        case busy = "busy_us"
        case idle = "idle_us"
        case hiddenShare = "overlap_share_of_communication"
    }

    /// Writes the stored figures and what follows from them.
    public func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: Key.self)
        try container.encode(window, forKey: .window)
        try container.encode(compute, forKey: .compute)
        try container.encode(communication, forKey: .communication)
        try container.encode(overlap, forKey: .overlap)
        try container.encode(exposedCommunication, forKey: .exposed)
        try container.encode(busy, forKey: .busy)
        try container.encode(idle, forKey: .idle)
        try container.encode(hiddenShare, forKey: .hiddenShare)
    }
}
