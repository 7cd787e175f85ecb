/// How compute and communication share a device's multiprocessors (SMs).
///
/// A kernel is taken to hold one SM for each of its thread blocks while it runs, at most all of
/// them: exact for persistent kernels, which is what both sides of such an overlap are. What a
/// computing kernel can hold beside communication is what communication leaves.
public struct MultiprocessorUse: Hashable, Sendable {
    /// How many there are.
    public var count: Int
    /// How many communication held on average while it ran.
    public var communication: Double
    /// How many computed on average while communication ran, moments without computing included.
    public var computeDuringCommunication: Double

    /// The part of the multiprocessors left by communication that computed meanwhile, 0 to 1: the
    /// overlap weighted by what it was good for.
    public var weightedOverlap: Double {
        let free = Double(count) - communication
        return free > 0 ? computeDuringCommunication / free : 0
    }
}
