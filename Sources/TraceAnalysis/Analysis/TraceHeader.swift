import Traces

/// What the head of a PyTorch trace says about the rank and its device.
struct TraceHeader {
    /// The rank of the job, if it was distributed.
    var rank: Int?
    /// How many multiprocessors the devices have; `nil` if unknown or if they differ.
    var multiprocessorCount: Int?

    init(_ properties: [String: TraceValue]) {
        if case .object(let info) = properties["distributedInfo"],
            case .int(let rank) = info["rank"]
        {
            self.rank = rank
        }
        guard case .array(let devices) = properties["deviceProperties"] else { return }
        let counts = Set(
            devices.compactMap { device -> Int? in
                guard case .object(let object) = device, case .int(let count) = object["numSms"]
                else { return nil }
                return count
            }
        )
        if counts.count == 1, let count = counts.first, count > 0 { multiprocessorCount = count }
    }
}
