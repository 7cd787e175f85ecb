import CUDADriver
import DeviceRuntime
import FoundationEssentials

extension DeviceChecks {
    /// The processor time of a repeated call may be at most this.
    private static let launchLimitMicroseconds = 5.0

    func launchCost() throws -> String {
        let stream = try gpu.makeStream()
        let values = try zeros(256, on: stream)
        let plans = LaunchPlanCache<Int>()
        func call() throws {
            try plans.withPlan(for: 256) {
                try addPlan(values)
            } _: { plan in
                try plan.arguments.replace(at: 0, with: values.address)
                try plan.launch(on: stream)
            }
        }
        // Batches stay below the depth of the driver's queue, beyond which a launch waits.
        var best = Double.infinity
        for _ in 0..<20 {
            try stream.synchronize()
            let start = ContinuousClock.now
            for _ in 0..<200 { try call() }
            let elapsed = ContinuousClock.now - start
            best = min(best, elapsed / .microseconds(1) / 200)
        }
        let text = "\(rounded(best)) us of processor time a call (limit 5)"
        try require(best < Self.launchLimitMicroseconds, text)
        return text
    }

    func bandwidth() throws -> String {
        let figure = try CopyBandwidth.gigabytesPerSecond(gpu.context)
        try require(figure > 0, "no time was measured")
        return "\(Int(figure)) GB/s, read and write together"
    }

    private func rounded(_ value: Double) -> Double { (value * 100).rounded() / 100 }
}
