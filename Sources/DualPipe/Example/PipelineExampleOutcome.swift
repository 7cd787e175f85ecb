package import Collectives
import InfraCore
public import Tensors

/// What an example's run brought on one rank.
public struct PipelineExampleOutcome: Sendable {
    /// The losses of the route that ends on this rank.
    public var losses: [Double]
    /// The same losses from forward passes alone.
    public var evaluationLosses: [Double]
    /// The gradients of the rank's stages, by phase.
    public var gradients: [[HostTensor]]
    /// When each operation ran.
    public var timings: [PipelineOpTiming]

    /// Collects every rank's outcome on rank 0.
    ///
    /// - Returns: All outcomes in the ranks' order on rank 0, `nil` elsewhere.
    package func gathered(on communicator: Communicator) throws -> [PipelineExampleOutcome]? {
        guard communicator.rank == 0 else {
            try communicator.send(tensors, to: 0, stream: Self.stream)
            return nil
        }
        return try [self]
            + (1..<communicator.rankCount).map { source in
                try PipelineExampleOutcome(
                    try communicator.receive(from: source, stream: Self.stream).compactMap(\.self)
                )
            }
    }

    private static let stream: UInt64 = 1 << 62

    /// Three lists of 64-bit words, then the gradients with their number for each phase.
    private var tensors: [HostTensor?] {
        func words(_ values: [Int64]) -> HostTensor { HostTensor(values) }
        return [
            words(losses.map { Int64(bitPattern: $0.bitPattern) }),
            words(evaluationLosses.map { Int64(bitPattern: $0.bitPattern) }),
            words(
                timings.flatMap {
                    [$0.start, $0.end, $0.waited].map { Int64(bitPattern: $0) }
                }
            ),
            words(gradients.map { Int64($0.count) }),
        ] + gradients.flatMap(\.self)
    }

    private init(_ tensors: [HostTensor]) throws {
        guard tensors.count >= 4 else {
            throw PipelineError(.invalidArguments, "a rank sent no complete outcome")
        }
        let words = tensors[..<4].map {
            $0.elements(of: Int64.self).map { UInt64(bitPattern: $0) }
        }
        losses = words[0].map { Double(bitPattern: $0) }
        evaluationLosses = words[1].map { Double(bitPattern: $0) }
        timings = stride(from: 0, to: words[2].count, by: 3).map {
            PipelineOpTiming(
                start: words[2][$0],
                end: words[2][$0 + 1],
                waited: words[2][$0 + 2]
            )
        }
        var rest = tensors[4...]
        gradients = words[3].map { count in
            defer { rest = rest.dropFirst(Int(count)) }
            return Array(rest.prefix(Int(count)))
        }
    }

    init(
        losses: [Double],
        evaluationLosses: [Double],
        gradients: [[HostTensor]],
        timings: [PipelineOpTiming]
    ) {
        self.losses = losses
        self.evaluationLosses = evaluationLosses
        self.gradients = gradients
        self.timings = timings
    }
}
