import Operators

/// The weight gradients of one chunk, kept back until the schedule has time for them.
///
/// Zero-bubble schedules run the input gradient first, because the previous stage waits for it,
/// and fill idle time with these (Qi et al., "Zero Bubble Pipeline Parallelism", 2023). Each
/// entry holds the tensors it needs.
struct DeferredGradients {
    private var work: [() throws(OperatorError) -> Void] = []

    /// Keeps one weight gradient back.
    mutating func append(_ gradient: @escaping () throws(OperatorError) -> Void) {
        work.append(gradient)
    }

    /// Computes everything kept back, in the order it was kept, and frees its tensors.
    mutating func run() throws(OperatorError) {
        for gradient in work { try gradient() }
        work.removeAll()
    }
}
