import Tensors
import Testing

/// How far two float32 tensors are apart: max |a - b| / max |b|.
func relativeError(_ a: HostTensor, _ b: HostTensor) throws -> Float {
    try #require(a.shape == b.shape)
    let (a, b) = (a.elements(of: Float.self), b.elements(of: Float.self))
    let largest = try #require(b.map { abs($0) }.max())
    // A NaN compares false with everything, so it must not slip through as zero.
    return zip(a, b).reduce(0) { worst, pair in
        let distance = abs(pair.0 - pair.1)
        return distance.isNaN ? .infinity : max(worst, distance)
    } / largest
}
