import DeepSeekModel
import Foundation
import InfraCore
import Testing

@Suite("Sampling")
struct SamplerTests {
    @Test("greedy takes the largest logit, the first of equals")
    func greedy() throws {
        var sampler = Sampler(.greedy)
        #expect(try sampler.next([1, 3, 2, 3]).id == 1)
        #expect(try sampler.next([-.infinity, -5]).id == 1)
    }

    @Test("the log probability is that of the softmax, whatever the temperature")
    func logProbability() throws {
        var greedy = Sampler(.greedy)
        let logits: [Float] = [log(1), log(2), log(5)]
        #expect(abs(try greedy.next(logits).logProbability - log(5.0 / 8)) < 1e-6)
        var hot = Sampler(try SamplingOptions(temperature: 3, seed: 1))
        for _ in 0..<20 {
            let choice = try hot.next(logits)
            let expected = log([1, 2, 5][choice.id] / Float(8))
            #expect(abs(choice.logProbability - expected) < 1e-6)
        }
    }

    @Test("tokens come as often as their probability says", arguments: [Float(0.5), 1, 2])
    func frequencies(temperature: Float) throws {
        let probabilities: [Float] = [0.1, 0.2, 0.3, 0.4]
        var sampler = Sampler(try SamplingOptions(temperature: temperature, seed: 11))
        let count = 20_000
        var counts = [Int](repeating: 0, count: 4)
        for _ in 0..<count { counts[try sampler.next(probabilities.map { log($0) }).id] += 1 }
        let weights = probabilities.map { pow($0, 1 / temperature) }
        for (index, weight) in weights.enumerated() {
            let expected = weight / weights.reduce(0, +)
            // Four standard deviations of a share near 0.5.
            #expect(abs(Float(counts[index]) / Float(count) - expected) < 0.015)
        }
    }

    static let cutCases: [(topP: Float, topK: Int, allowed: Set<Int>)] = [
        (1, 2, [2, 3]), (1, 1, [3]), (1, 9, [0, 1, 2, 3]), (0.4, 4, [3]), (0.41, 4, [2, 3]),
        (0.71, 4, [1, 2, 3]), (0.95, 4, [0, 1, 2, 3]), (0.0001, 4, [3]),
        // Of the two kept by top-k, one has 4/7 of the probability.
        (0.57, 2, [3]), (0.58, 2, [2, 3]),
    ]

    @Test("top-k and top-p leave the likeliest tokens only", arguments: cutCases)
    func cuts(topP: Float, topK: Int, allowed: Set<Int>) throws {
        let options = try SamplingOptions(temperature: 1, topP: topP, topK: topK, seed: 3)
        var sampler = Sampler(options)
        let logits: [Float] = [0.1, 0.2, 0.3, 0.4].map { log($0) }
        var seen: Set<Int> = []
        for _ in 0..<400 { seen.insert(try sampler.next(logits).id) }
        #expect(seen == allowed)
    }

    @Test("same seed, same tokens; another seed, others")
    func seeds() throws {
        let logits = (0..<50).map { Float($0 % 7) }
        func draw(_ seed: UInt64) throws -> [Int] {
            var sampler = Sampler(try SamplingOptions(temperature: 1, topP: 0.9, seed: seed))
            return try (0..<30).map { _ in try sampler.next(logits).id }
        }
        #expect(try draw(5) == draw(5))
        #expect(try draw(5) != draw(6))
    }

    @Test("options and logits outside their range are refused by name")
    func invalid() throws {
        func message(_ body: () throws -> Void) -> String {
            (#expect(throws: ModelError.self) { try body() })?.message ?? ""
        }
        #expect(message { _ = try SamplingOptions(temperature: -1) }.contains("temperature is -1"))
        #expect(
            message { _ = try SamplingOptions(temperature: .nan) }.contains("temperature is nan")
        )
        #expect(message { _ = try SamplingOptions(temperature: 1, topP: 0) }.contains("top-p is 0"))
        #expect(
            message { _ = try SamplingOptions(temperature: 1, topP: 1.5) }.contains("top-p is 1.5")
        )
        #expect(message { _ = try SamplingOptions(temperature: 1, topK: 0) }.contains("top-k is 0"))
        #expect(message { _ = try GenerationOptions(maxTokens: 0) }.contains("max-tokens is 0"))
        #expect(
            message { _ = try GenerationOptions(maxTokens: 1, prefillChunkSize: 0) }
                .contains("prefill chunk size is 0")
        )
        var sampler = Sampler(.greedy)
        for logits in [[], [1, .nan], [.infinity, 1], [-.infinity]] as [[Float]] {
            #expect(throws: ModelError.self) { try sampler.next(logits) }
        }
    }
}
