import InfraCore
import Tensors

/// Makes the initial parameters of a model.
///
/// Every tensor draws from a generator seeded by the run's seed and the tensor's name, so that a
/// model starts from the same values however it is spread over ranks.
struct ParameterFactory {
    let seed: UInt64
    /// The standard deviation of matrices.
    let deviation: Float
    /// The factor on matrices that write into the residual stream, 1 / sqrt(2 · layers)
    /// (Radford et al., "Language Models are Unsupervised Multitask Learners", 2019, section 2.3).
    let residualScale: Float

    /// A matrix drawn from a normal distribution.
    func matrix(
        _ name: String,
        _ rows: Int,
        _ columns: Int,
        writesResidual: Bool = false,
        isExpert: Bool = false
    ) -> Parameter {
        var random = SeededRandom(seed: seed ^ fnv1a(name))
        let scale = deviation * (writesResidual ? residualScale : 1)
        let values = (0..<rows * columns).map { _ in random.normal() * scale }
        return Parameter(
            name: name,
            value: HostTensor(values, shape: [rows, columns]),
            decays: true,
            isExpert: isExpert
        )
    }

    /// A norm's weight, all ones.
    func ones(_ name: String, _ count: Int) -> Parameter {
        Parameter(
            name: name,
            value: HostTensor([Float](repeating: 1, count: count)),
            decays: false
        )
    }

    /// The FNV-1a hash of a name: the same on every machine, unlike `Hashable`'s.
    private func fnv1a(_ text: String) -> UInt64 {
        text.utf8.reduce(0xcbf2_9ce4_8422_2325) { ($0 ^ UInt64($1)) &* 0x100_0000_01b3 }
    }
}
