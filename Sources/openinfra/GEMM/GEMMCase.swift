import DeepGEMM
import InfraCore
import Tensors

/// One product to check: its operands before quantisation come from a seed.
struct GEMMCase {
    enum Kind {
        case dense
        case accumulated
        case contiguous(counts: [Int])
        case masked(counts: [Int], capacity: Int)
    }

    var kind: Kind
    var shape: GEMMShape

    var name: String {
        switch kind {
        case .dense: "dense \(shape)"
        case .accumulated: "accumulated \(shape)"
        case .contiguous(let counts): "contiguous \(counts) \(shape.n)x\(shape.k)"
        case .masked(let counts, let capacity):
            "masked \(counts) of \(capacity) \(shape.n)x\(shape.k)"
        }
    }

    /// The difference allowed. Over few products of a short K the errors of quantisation do not
    /// average out.
    var limit: Double { shape.k < 128 ? 4e-3 : 1e-3 }

    /// Shapes of the original's tests, and odd ones.
    static func all(isLarge: Bool) -> [GEMMCase] {
        let rows = isLarge ? [1, 3, 64, 65, 128, 4097] : [1, 3, 65]
        let sizes =
            isLarge
            ? [(2112, 7168), (576, 7168), (7168, 2048), (8, 16), (136, 1040)]
            : [(136, 1040), (8, 16), (576, 512)]
        let dense = rows.flatMap { m in
            sizes.map { GEMMCase(kind: .dense, shape: GEMMShape(m: m, n: $0.0, k: $0.1)) }
        }
        let grouped = [[130, 0, 5], [1], [0, 0, 257, 128]].flatMap { counts in
            [(136, 256), (576, 1040)].flatMap { n, k in
                [
                    GEMMCase(
                        kind: .contiguous(counts: counts),
                        shape: GEMMShape(m: 0, n: n, k: k)
                    ),
                    GEMMCase(
                        kind: .masked(counts: counts, capacity: 260),
                        shape: GEMMShape(m: 0, n: n, k: k)
                    ),
                ]
            }
        }
        let accumulated = GEMMCase(kind: .accumulated, shape: GEMMShape(m: 65, n: 136, k: 1040))
        return dense + [accumulated] + grouped
    }

    /// Random operands: A with its planes, B with its groups.
    func operands(seed: UInt64) -> (a: HostTensor, b: HostTensor) {
        var random = SeededRandom(seed: seed)
        func normal(_ shape: [Int]) -> HostTensor {
            HostTensor((0..<shape.reduce(1, *)).map { _ in random.normal() }, shape: shape)
        }
        switch kind {
        case .dense, .accumulated:
            return (normal([shape.m, shape.k]), normal([shape.n, shape.k]))
        case .contiguous(let counts):
            let rows = ContiguousGroups(counts: counts).rowGroups.count
            return (normal([rows, shape.k]), normal([counts.count, shape.n, shape.k]))
        case .masked(let counts, let capacity):
            return (
                normal([counts.count, capacity, shape.k]),
                normal([counts.count, shape.n, shape.k])
            )
        }
    }
}
