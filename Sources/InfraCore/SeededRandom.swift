#if canImport(Glibc)
    import Glibc
#endif

/// A small, fast, reproducible random generator: xoshiro256** seeded through SplitMix64
/// (Blackman and Vigna, "Scrambled Linear Pseudorandom Number Generators", 2021).
///
/// Same seed, same sequence, on every machine and in every version of this package: the tests,
/// the simulations and the training runs depend on it. Not for secrets.
public struct SeededRandom: RandomNumberGenerator, Sendable, Codable, Equatable {
    private var s0: UInt64
    private var s1: UInt64
    private var s2: UInt64
    private var s3: UInt64

    /// Starts the sequence that belongs to `seed`.
    public init(seed: UInt64) {
        var state = seed
        func next() -> UInt64 {
            state &+= 0x9E37_79B9_7F4A_7C15
            var z = state
            z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
            z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
            return z ^ (z >> 31)
        }
        s0 = next()
        s1 = next()
        s2 = next()
        s3 = next()
    }

    /// The next 64 random bits.
    public mutating func next() -> UInt64 {
        let rotated = s1 &* 5
        let result = ((rotated << 7) | (rotated >> 57)) &* 9
        let t = s1 << 17
        s2 ^= s0
        s3 ^= s1
        s1 ^= s2
        s0 ^= s3
        s2 ^= t
        s3 = (s3 << 45) | (s3 >> 19)
        return result
    }

    /// A float drawn uniformly from `[0, 1)`, with 24 random bits.
    public mutating func uniform() -> Float {
        Float(next() >> 40) * 0x1p-24
    }

    /// A float drawn from the standard normal distribution (Marsaglia's polar method).
    public mutating func normal() -> Float {
        while true {
            let u = 2 * uniform() - 1
            let v = 2 * uniform() - 1
            let square = u * u + v * v
            if square > 0, square < 1 {
                return u * (-2 * logf(square) / square).squareRoot()
            }
        }
    }
}
