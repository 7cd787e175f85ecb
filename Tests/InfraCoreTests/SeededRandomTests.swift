import Foundation
import InfraCore
import Testing

@Suite("Reproducible randomness")
struct SeededRandomTests {
    @Test("the same seed gives the same sequence, another seed another one")
    func seeds() {
        func draw(_ seed: UInt64) -> [UInt64] {
            var random = SeededRandom(seed: seed)
            return (0..<100).map { _ in random.next() }
        }
        #expect(draw(1) == draw(1))
        #expect(draw(1) != draw(2))
        #expect(draw(0).contains { $0 != 0 })
        #expect(Set(draw(3)).count == 100)
    }

    // Computed with Python's integers from the definitions in Blackman and Vigna's paper; the state
    // is the first four outputs of SplitMix64 for seed 0, which begin with 0xE220A8397B1DCDAF.
    @Test("the sequence is xoshiro256** seeded by SplitMix64, bit for bit")
    func reference() {
        var random = SeededRandom(seed: 0)
        let expected: [UInt64] = [
            0x99EC_5F36_CB75_F2B4, 0xBF6E_1F78_4956_452A, 0x1A5F_849D_4933_E6E0,
        ]
        #expect(expected.map { _ in random.next() } == expected)
    }

    @Test("a saved generator continues where it stood")
    func codable() throws {
        var random = SeededRandom(seed: 7)
        for _ in 0..<10 { _ = random.next() }
        let data = try JSONEncoder().encode(random)
        var restored = try JSONDecoder().decode(SeededRandom.self, from: data)
        #expect(restored == random)
        #expect((0..<10).map { _ in restored.next() } == (0..<10).map { _ in random.next() })
    }

    @Test("uniform numbers lie in [0, 1) and fill it evenly")
    func uniform() {
        var random = SeededRandom(seed: 11)
        var bins = [Int](repeating: 0, count: 10)
        for _ in 0..<100_000 {
            let value = random.uniform()
            #expect(value >= 0 && value < 1)
            bins[Int(value * 10)] += 1
        }
        // 10,000 expected in each; the standard deviation is 95, so 500 is beyond five of them.
        #expect(bins.allSatisfy { abs($0 - 10_000) < 500 })
    }

    @Test("normal numbers have mean 0, variance 1 and a thin tail")
    func normal() {
        var random = SeededRandom(seed: 13)
        let values = (0..<100_000).map { _ in Double(random.normal()) }
        let mean = values.reduce(0, +) / Double(values.count)
        let variance = values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(values.count)
        // Five standard errors: 5 / sqrt(n) for the mean, 5 sqrt(2 / n) for the variance.
        #expect(abs(mean) < 0.016)
        #expect(abs(variance - 1) < 0.023)
        let beyondTwo = values.count { abs($0) > 2 }
        #expect(abs(beyondTwo - 4550) < 350)
    }
}
