import EPLB

/// SplitMix64 (Steele, Lea and Flood, 2014), as in the script that makes the fixtures.
struct SplitMix: RandomNumberGenerator {
    private var state: UInt64

    init(seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var z = state
        z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
        return z ^ (z >> 31)
    }
}

/// How a load is made of a random number.
enum LoadKind: String, Decodable, CaseIterable {
    case zeros, constant, few, sparse, counts, fractions, heavy, huge

    func load(_ z: UInt64) -> Double {
        switch self {
        case .zeros: 0
        case .constant: 7
        case .few: Double(z % 4)
        case .sparse: z % 8 == 0 ? Double(z >> 40) : 0
        case .counts: Double(z % 100_003)
        case .fractions: Double(z >> 40) * 0x1p-20
        case .heavy: Double(((z >> 40) & 0xFFF) << (z & 0x1F))
        case .huge: Double(z >> 11)
        }
    }

    func loads(seed: UInt64, layers: Int, experts: Int) throws -> ExpertLoads {
        var random = SplitMix(seed: seed)
        return try ExpertLoads(
            (0..<layers).map { _ in (0..<experts).map { _ in load(random.next()) } }
        )
    }
}

/// How an element of an array to sort is made of a random number, its index and the length.
enum SortKind: String, Decodable {
    case distinct, two, five, pairs, equal, rising, falling, pipe, runs

    func values(count: Int, seed: UInt64) -> [Float] {
        var random = SplitMix(seed: seed)
        return (0..<count).map { index in
            let z = random.next()
            switch self {
            case .distinct: return Float(z >> 40)
            case .two: return Float(z % 2)
            case .five: return Float(z % 5)
            case .pairs: return Float(index / 2)
            case .equal: return 3
            case .rising: return Float(index)
            case .falling: return Float(count - index)
            case .pipe: return Float(min(index, count - index))
            case .runs: return Float(index % 17)
            }
        }
    }
}
