import InfraCore
import Tensors
import Testing

/// Random float32 values, standard normal.
func randomTensor(_ shape: [Int], seed: UInt64, scale: Float = 1) -> HostTensor {
    var random = SeededRandom(seed: seed)
    return HostTensor(
        (0..<shape.reduce(1, *)).map { _ in random.normal() * scale },
        shape: shape
    )
}

/// The inner product of two tensors, in float64.
func inner(_ a: HostTensor, _ b: HostTensor) -> Double {
    zip(a.elements(of: Float.self), b.elements(of: Float.self)).reduce(0) {
        $0 + Double($1.0) * Double($1.1)
    }
}

/// x + t u.
private func moved(_ x: HostTensor, along u: HostTensor, by t: Float) -> HostTensor {
    HostTensor(
        zip(x.elements(of: Float.self), u.elements(of: Float.self)).map { $0 + t * $1 },
        shape: x.shape
    )
}

/// Compares a gradient with central differences of ⟨f(x), dy⟩ along random directions.
///
/// The step 2⁻⁷ balances the cubic error of the difference against float32 rounding; the
/// tolerance, 1 % of the gradient's norm, is what remains of both on unit-sized inputs.
func expectGradient(
    _ gradient: HostTensor,
    at x: HostTensor,
    upstream dy: HostTensor,
    step: Float = 0x1p-7,
    _ f: (HostTensor) throws -> HostTensor,
    sourceLocation: SourceLocation = #_sourceLocation
) throws {
    #expect(gradient.shape == x.shape, sourceLocation: sourceLocation)
    let norm = inner(gradient, gradient).squareRoot()
    #expect(norm > 0, "a zero gradient proves nothing", sourceLocation: sourceLocation)
    for seed in 1...6 as ClosedRange<UInt64> {
        let u = randomTensor(x.shape, seed: 1000 + seed)
        let up = inner(try f(moved(x, along: u, by: step)), dy)
        let down = inner(try f(moved(x, along: u, by: -step)), dy)
        let numeric = (up - down) / Double(2 * step)
        let analytic = inner(gradient, u)
        #expect(
            abs(numeric - analytic) <= 0.01 * norm,
            "direction \(seed): numeric \(numeric), analytic \(analytic), norm \(norm)",
            sourceLocation: sourceLocation
        )
    }
}
