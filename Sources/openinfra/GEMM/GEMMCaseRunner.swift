import CUDADriver
import DeepGEMM
import DeviceRuntime
import InfraCore
import Tensors

/// Runs a case on one of the backends.
enum GEMMCaseRunner {
    case cpu
    case gpu(DeviceGEMM)

    /// The difference between the product of the quantised and of the unquantised operands, over
    /// the rows that count.
    func difference(_ item: GEMMCase, seed: UInt64) throws -> Double {
        let (a, b) = item.operands(seed: seed)
        let result: HostTensor
        switch self {
        case .cpu: result = try Self.cpuProduct(item, a, b)
        case .gpu(let device): result = try Self.gpuProduct(item, a, b, device)
        }
        var got: [HostTensor] = []
        var expected: [HostTensor] = []
        for part in try Self.parts(item, a, b, result) {
            got.append(part.result)
            expected.append(part.expected)
        }
        return zip(got, expected).map { ProductDifference.cosine($0, $1) }
            .reduce(0) { $1.isNaN || $1 > $0 ? $1 : $0 }
    }

    private static func cpuProduct(
        _ item: GEMMCase,
        _ a: HostTensor,
        _ b: HostTensor
    ) throws -> HostTensor {
        let (qa, qb) = (try QuantizedRows(quantizing: a), try QuantizedBlocks(quantizing: b))
        switch item.kind {
        case .dense: return try CPUGEMM.multiply(qa, qb)
        case .accumulated:
            var d = HostTensor(zeros: [item.shape.m, item.shape.n])
            try CPUGEMM.add(qa, qb, to: &d)
            try CPUGEMM.add(qa, qb, to: &d)
            return d
        case .contiguous(let counts):
            return try CPUGEMM.multiply(qa, qb, groups: ContiguousGroups(counts: counts))
        case .masked(let counts, _): return try CPUGEMM.multiply(qa, qb, counts: counts)
        }
    }

    private static func gpuProduct(
        _ item: GEMMCase,
        _ a: HostTensor,
        _ b: HostTensor,
        _ device: DeviceGEMM
    ) throws -> HostTensor {
        let context = device.gpu.context
        let stream = try device.gpu.makeStream()
        func upload(_ tensor: HostTensor) throws -> DeviceTensor {
            let copy = try DeviceTensor(
                uninitialized: tensor.shape,
                dtype: tensor.dtype,
                in: context
            )
            try copy.upload(tensor, on: stream)
            return copy
        }
        let qa = try DeviceQuantizedRows(uninitialized: a.shape, in: context)
        let qb = try DeviceQuantizedBlocks(uninitialized: b.shape, in: context)
        let (deviceA, deviceB) = (try upload(a), try upload(b))
        try device.quantize(deviceA, into: qa, on: stream)
        try device.quantize(deviceB, into: qb, on: stream)
        let shape = a.shape.dropLast() + [item.shape.n]
        let count = shape.reduce(1, *)
        let poison = HostTensor([Float](repeating: .nan, count: count), shape: Array(shape))
        switch item.kind {
        case .dense:
            let d = try upload(poison.converted(to: .bfloat16))
            try device.multiply(qa, qb, into: d, on: stream)
            return try d.hostTensor(on: stream)
        case .accumulated:
            let d = try upload(poison)
            try device.multiply(qa, qb, into: d, output: .float32, on: stream)
            try device.multiply(qa, qb, into: d, output: .accumulatedFloat32, on: stream)
            return try d.hostTensor(on: stream)
        case .contiguous(let counts):
            let d = try upload(poison.converted(to: .bfloat16))
            let layout = try upload(HostTensor(ContiguousGroups(counts: counts).rowGroups))
            try device.multiply(qa, qb, into: d, rowGroups: layout, on: stream)
            return try d.hostTensor(on: stream)
        case .masked(let counts, _):
            let d = try upload(poison.converted(to: .bfloat16))
            let layout = try upload(HostTensor(counts.map { Int32($0) }))
            try device.multiply(
                qa,
                qb,
                into: d,
                counts: layout,
                expectedRows: counts.max() ?? 0,
                on: stream
            )
            return try d.hostTensor(on: stream)
        }
    }

    /// The results that count, each beside the product of its unquantised operands.
    private static func parts(
        _ item: GEMMCase,
        _ a: HostTensor,
        _ b: HostTensor,
        _ result: HostTensor
    ) throws -> [(result: HostTensor, expected: HostTensor)] {
        let (n, k) = (item.shape.n, item.shape.k)
        func part(_ rows: HostTensor, _ group: Int, _ result: HostTensor) throws -> (
            result: HostTensor, expected: HostTensor
        ) {
            let matrix = try b.slice(axis: 0, from: group, count: 1).reshaped(to: [n, k])
            return (result, try HostTensor.matrixMultiply(rows, matrix, transposeB: true))
        }
        switch item.kind {
        case .dense:
            return [(result, try HostTensor.matrixMultiply(a, b, transposeB: true))]
        case .accumulated:
            var twice = try HostTensor.matrixMultiply(a, b, transposeB: true)
            try twice.addMatrixProduct(a, b, transposeB: true)
            return [(result, twice)]
        case .contiguous(let counts):
            var start = 0
            return try counts.enumerated().compactMap { group, count in
                defer {
                    let alignment = ContiguousGroups.alignment
                    start += (count + alignment - 1) / alignment * alignment
                }
                guard count > 0 else { return nil }
                return try part(
                    a.slice(axis: 0, from: start, count: count),
                    group,
                    result.slice(axis: 0, from: start, count: count)
                )
            }
        case .masked(let counts, let capacity):
            return try counts.enumerated().compactMap { group, count in
                guard count > 0 else { return nil }
                func rows(_ tensor: HostTensor, _ columns: Int) throws -> HostTensor {
                    try tensor.slice(axis: 0, from: group, count: 1)
                        .reshaped(to: [capacity, columns])
                        .slice(axis: 0, from: 0, count: count)
                }
                return try part(rows(a, k), group, rows(result, n))
            }
        }
    }
}
