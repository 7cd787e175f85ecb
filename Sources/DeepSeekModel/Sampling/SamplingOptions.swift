public import InfraCore

/// How the next token is chosen.
public struct SamplingOptions: Sendable, Equatable {
    /// Divides the logits; zero always takes the likeliest token.
    public var temperature: Float = 0
    /// Only the likeliest tokens that together have this probability are candidates; 1 for all.
    public var topP: Float = 1
    /// Only this many of the likeliest tokens are candidates; `nil` for all.
    public var topK: Int?
    /// Same seed, same tokens.
    public var seed: UInt64 = 0

    /// Creates options; see also ``greedy``.
    ///
    /// - Throws: ``ModelErrorCode/invalidArgument`` for a negative or infinite temperature, a
    ///   `topP` outside (0, 1], or a `topK` below 1.
    public init(
        temperature: Float,
        topP: Float = 1,
        topK: Int? = nil,
        seed: UInt64 = 0
    ) throws(ModelError) {
        guard temperature >= 0, temperature.isFinite else {
            throw ModelError(
                .invalidArgument,
                "temperature is \(temperature); it must be zero or a positive number"
            )
        }
        guard topP > 0, topP <= 1 else {
            throw ModelError(.invalidArgument, "top-p is \(topP); it must be above 0 and at most 1")
        }
        if let topK, topK < 1 {
            throw ModelError(.invalidArgument, "top-k is \(topK); it must be at least 1")
        }
        self.temperature = temperature
        self.topP = topP
        self.topK = topK
        self.seed = seed
    }

    private init() {}

    /// Always the likeliest token, the first of equals.
    public static let greedy = SamplingOptions()
}
