extension RankSummary: Encodable {
    private enum Key: String, CodingKey {
        case label
        case period = "period_us"
        case lanes = "streams"
        case annotationDetails = "annotation_details"
        case multiprocessors
        case exposedPieces = "largest_exposed"
        case kernelClasses = "kernel_classes"
        case annotations
        case memory = "memory_us"
        case communicationData = "communication_data_us"
        case communicationWait = "communication_wait_us"
        case idleSplit = "idle_split"
    }

    /// Writes the rank's figures on one level, then its lists.
    public func encode(to encoder: any Encoder) throws {
        try figures.encode(to: encoder)
        var container = encoder.container(keyedBy: Key.self)
        try container.encode(label, forKey: .label)
        try container.encode(period, forKey: .period)
        try container.encode(lanes, forKey: .lanes)
        try container.encode(annotations, forKey: .annotationDetails)
        try container.encode(multiprocessors, forKey: .multiprocessors)
        try container.encode(exposedPieces, forKey: .exposedPieces)
        let classes = classes.map { ($0.name, $0.microseconds) }
        try container.encode(
            Dictionary(classes, uniquingKeysWith: +),
            forKey: .kernelClasses
        )
        let annotations = annotations.map { ($0.name, $0.deviceTime) }
        try container.encode(
            Dictionary(annotations, uniquingKeysWith: +),
            forKey: .annotations
        )
        try container.encode(memory, forKey: .memory)
        try container.encode(communicationData, forKey: .communicationData)
        try container.encode(communicationWait, forKey: .communicationWait)
        try container.encode(idle, forKey: .idleSplit)
    }
}

extension MultiprocessorUse: Encodable {
    private enum Key: String, CodingKey {
        case count
        case communication = "communication_mean"
        case compute = "compute_during_communication_mean"
        case weightedOverlap = "weighted_overlap"
    }

    /// Writes the averages and the share that follows from them.
    public func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: Key.self)
        try container.encode(count, forKey: .count)
        try container.encode(communication, forKey: .communication)
        try container.encode(computeDuringCommunication, forKey: .compute)
        try container.encode(weightedOverlap, forKey: .weightedOverlap)
    }
}
