import InfraCore
package import Tensors

/// A pipelined run held against the sequential one, and against its own simulation.
public struct PipelineComparison: Sendable {
    /// Whether every chunk's loss has the same bits as in the sequential run.
    public let lossesAreBitEqual: Bool
    /// The same for the losses of the forward-only run.
    public let evaluationLossesAreBitEqual: Bool
    /// The largest difference of any stage's gradients, every copy counted:
    /// `1 - 2 sum(x y) / sum(x^2 + y^2)`, which is 0 for equal and 1 for orthogonal gradients.
    public let gradientDifference: Double
    /// The mean loss over all chunks.
    public let meanLoss: Double
    /// How long the measured step took, beside its simulation.
    public let measurement: PipelineMeasurement

    /// Gradient differences up to here are rounding.
    public static let gradientTolerance = 1e-13

    /// Whether losses and gradients agree.
    public var agrees: Bool {
        lossesAreBitEqual && evaluationLossesAreBitEqual
            && gradientDifference < Self.gradientTolerance
    }

    /// Compares the outcomes of all ranks with a sequential run made here.
    ///
    /// - Parameters:
    ///   - example: What was run.
    ///   - outcomes: One a rank.
    public init(_ example: PipelineExample, outcomes: [PipelineExampleOutcome]) throws {
        let reference = try example.runSequentially()
        let topology = example.schedule.topology
        func agree(_ losses: (PipelineExampleOutcome) -> [Double]) -> Bool {
            reference.losses.enumerated().allSatisfy { route, expected in
                losses(outcomes[topology.exitRank(route: route)]).map(\.bitPattern)
                    == expected.map(\.bitPattern)
            }
        }
        lossesAreBitEqual = agree(\.losses)
        evaluationLossesAreBitEqual = agree(\.evaluationLosses)
        var worst = 0.0
        for (rank, outcome) in outcomes.enumerated() {
            for (phase, gradients) in outcome.gradients.enumerated() {
                let stage = topology.place(rank: rank, phase: phase).stage
                for (own, expected) in zip(gradients, reference.gradients[stage]) {
                    worst = max(worst, Self.difference(own, expected))
                }
            }
        }
        gradientDifference = worst
        let all = reference.losses.flatMap(\.self)
        meanLoss = all.reduce(0, +) / Double(all.count)

        measurement = try PipelineMeasurement(example.schedule, timings: outcomes.map(\.timings))
    }

    /// `1 - 2 sum(x y) / sum(x^2 + y^2)`, accumulated in fp64; 0 if both are zero.
    package static func difference(_ x: HostTensor, _ y: HostTensor) -> Double {
        var products = 0.0
        var squares = 0.0
        for (a, b) in zip(x.elements(of: Float.self), y.elements(of: Float.self)) {
            products += Double(a) * Double(b)
            squares += Double(a) * Double(a) + Double(b) * Double(b)
        }
        return squares == 0 ? 0 : 1 - 2 * products / squares
    }
}
