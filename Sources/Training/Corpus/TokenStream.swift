import InfraCore
public import Tensors

#if canImport(Glibc)
    import Glibc
#endif

/// A tokenised corpus with a held-out part, and the batches drawn from it.
///
/// Of every ``heldOutPeriod`` blocks of ``blockLength`` tokens the last is held out, so that the
/// held-out text comes from all of the corpus and no training sequence touches it.
public struct TokenStream: Sendable {
    private let tokens: [Int32]
    /// The runs of tokens that training sequences are drawn from.
    private let training: [ArraySlice<Int32>]
    /// The held-out blocks, in order.
    public let heldOut: [ArraySlice<Int32>]
    /// How many different tokens there are.
    public let vocabularySize: Int

    /// The length of a block, in tokens.
    public static let blockLength = 4096
    /// One block in this many is held out.
    public static let heldOutPeriod = 20

    /// Cuts a corpus.
    ///
    /// - Parameters:
    ///   - tokens: The corpus.
    ///   - vocabularySize: Tokens are below this.
    public init(tokens: [Int32], vocabularySize: Int) {
        self.tokens = tokens
        self.vocabularySize = vocabularySize
        var training: [ArraySlice<Int32>] = []
        var heldOut: [ArraySlice<Int32>] = []
        let period = Self.blockLength * Self.heldOutPeriod
        for start in stride(from: 0, to: tokens.count, by: period) {
            let end = min(start + period, tokens.count)
            let cut = max(start, end - Self.blockLength)
            if cut > start { training.append(tokens[start..<cut]) }
            heldOut.append(tokens[cut..<end])
        }
        self.training = training
        self.heldOut = heldOut
    }

    /// How many tokens training sequences are drawn from.
    public var trainingCount: Int { training.reduce(0) { $0 + $1.count } }

    /// Sequences and their next tokens.
    public struct Batch: Sendable {
        /// `[B, T]`, int32.
        public let tokens: HostTensor
        /// The token after each, `[B · T]`, int32.
        public let targets: HostTensor
    }

    /// Draws one microbatch. The same arguments give the same batch, so that a resumed run goes
    /// on exactly where it stopped.
    ///
    /// - Parameters:
    ///   - seed: The run's seed.
    ///   - step: The step's number.
    ///   - chunk: The microbatch's number within the step, over all ranks.
    ///   - sequences: B.
    ///   - length: T; shorter than a run of the corpus.
    public func batch(seed: UInt64, step: Int, chunk: Int, sequences: Int, length: Int) -> Batch {
        var random = SeededRandom(
            seed: seed &+ UInt64(step) &* 0x9E37_79B9_7F4A_7C15 &+ UInt64(chunk) &* 0xD1B5_4A32
        )
        let runs = training.filter { $0.count > length }
        let total = runs.reduce(0) { $0 + $1.count - length }
        precondition(total > 0, "no run of the corpus is longer than \(length) tokens")
        var tokens: [Int32] = []
        var targets: [Int32] = []
        for _ in 0..<sequences {
            var offset = Int(random.next() % UInt64(total))
            for run in runs {
                if offset < run.count - length {
                    let start = run.startIndex + offset
                    tokens += run[start..<start + length]
                    targets += run[start + 1..<start + length + 1]
                    break
                }
                offset -= run.count - length
            }
        }
        return Batch(
            tokens: HostTensor(tokens, shape: [sequences, length]),
            targets: HostTensor(targets)
        )
    }

    /// Held-out microbatches that do not overlap, spread over the corpus.
    ///
    /// - Parameters:
    ///   - count: How many at most.
    ///   - sequences: B.
    ///   - length: T.
    public func heldOutBatches(count: Int, sequences: Int, length: Int) -> [Batch] {
        var starts: [Int] = []
        for offset in stride(from: 0, to: Self.blockLength, by: length) {
            starts += heldOut.filter { offset + length < $0.count }.map { $0.startIndex + offset }
        }
        return (0..<min(count, starts.count / sequences)).map { index in
            let chosen = starts[index * sequences..<(index + 1) * sequences]
            return Batch(
                tokens: HostTensor(
                    chosen.flatMap { tokens[$0..<$0 + length] },
                    shape: [sequences, length]
                ),
                targets: HostTensor(chosen.flatMap { tokens[$0 + 1...$0 + length] })
            )
        }
    }

    /// A number that tells corpora apart: the FNV-1a hash of all tokens.
    public var fingerprint: UInt64 {
        tokens.reduce(0xcbf2_9ce4_8422_2325) { hash, token in
            (hash ^ UInt64(UInt32(bitPattern: token))) &* 0x100_0000_01b3
        }
    }

    /// The entropy of the corpus when every token is drawn on its own, in nats a token: what a
    /// model that knows only the tokens' frequencies would lose.
    public var unigramEntropy: Double {
        var counts = [Int](repeating: 0, count: vocabularySize)
        for run in training + heldOut {
            for token in run { counts[Int(token)] += 1 }
        }
        let total = Double(counts.reduce(0, +))
        return counts.filter { $0 > 0 }.reduce(0) { entropy, count in
            entropy - Double(count) / total * log(Double(count) / total)
        }
    }
}
