#if canImport(Glibc)
    import Glibc
#endif

/// A learning rate that rises linearly, then falls along half a cosine
/// (Loshchilov and Hutter, "SGDR", 2017).
public struct CosineSchedule: Sendable, Equatable, Codable {
    /// The rate at the top.
    public var peak: Float
    /// The rate at the end, as a share of the peak.
    public var finalShare: Float
    /// Over how many steps the rate rises.
    public var warmupSteps: Int
    /// The step at which the end is reached.
    public var totalSteps: Int

    /// Creates a schedule.
    public init(peak: Float, finalShare: Float = 0.1, warmupSteps: Int, totalSteps: Int) {
        self.peak = peak
        self.finalShare = finalShare
        self.warmupSteps = warmupSteps
        self.totalSteps = totalSteps
    }

    /// The rate of the step with this index, from zero.
    public func rate(step: Int) -> Float {
        if step < warmupSteps { return peak * Float(step + 1) / Float(warmupSteps) }
        let span = max(1, totalSteps - warmupSteps)
        let progress = min(1, Float(step - warmupSteps) / Float(span))
        let share = finalShare + (1 - finalShare) * 0.5 * (1 + cosf(.pi * progress))
        return peak * share
    }
}
