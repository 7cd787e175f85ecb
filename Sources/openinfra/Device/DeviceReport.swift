import CUDADriver

/// What the checks of a GPU found.
struct DeviceReport: Encodable {
    struct Outcome: Encodable {
        var name: String
        var hasPassed: Bool
        var detail: String
    }

    var gpu: DeviceProperties
    var outcomes: [Outcome]

    var failedCount: Int { outcomes.count { !$0.hasPassed } }

    /// One line a check, then the sum.
    var text: String {
        let lines = outcomes.map { "\($0.hasPassed ? "pass" : "fail") \($0.name): \($0.detail)" }
        let sum = "\(outcomes.count - failedCount) passed, \(failedCount) failed on \(gpu.name)"
        return (lines + [sum]).joined(separator: "\n")
    }
}
