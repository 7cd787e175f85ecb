import CUDADriver
import DeviceRuntime
import InfraCore
import Tensors

extension DeviceGEMM {
    /// Launches the tiled kernel. A, B and A's scales are read as matrices whose planes follow each
    /// other; D keeps its planes apart, so that no tile is stored beyond one.
    func tiled(
        _ configuration: TileConfiguration,
        _ a: DeviceQuantizedRows,
        _ b: DeviceQuantizedBlocks,
        _ d: DeviceTensor,
        layout: DeviceTensor?,
        on stream: borrowing CUDAStream
    ) throws {
        let (planes, m, k) = a.sizes
        let (groups, n, _) = b.sizes
        try run(
            DeepGEMMKernels.tiled(configuration),
            name: configuration.description,
            key: [
                a.values.address, a.scales.address, b.values.address, b.scales.address, d.address,
                layout?.address ?? 0,
            ],
            sizes: [planes, m, groups, n, k],
            on: stream
        ) { arguments in
            let width = d.dtype.byteCount
            let isChunked = configuration.blockN % 64 == 0
            let layouts: [(TensorMapLayout, UInt64)] = [
                (
                    try a.values.matrixLayout(
                        boxRows: configuration.blockM / configuration.clusterN,
                        boxColumns: 128,
                        swizzle: .bytes128
                    ), a.values.address
                ),
                (
                    try b.values.matrixLayout(
                        boxRows: configuration.blockN / configuration.clusterM,
                        boxColumns: 128,
                        swizzle: .bytes128
                    ), b.values.address
                ),
                (scaleLayout(a, boxColumns: configuration.blockM), a.scales.address),
                (
                    TensorMapLayout(
                        d.elementType,
                        extents: [n, m, planes],
                        byteStrides: [n * width, m * n * width],
                        box: [isChunked ? 128 / width : configuration.blockN, 64, 1],
                        swizzle: isChunked ? .bytes128 : .none
                    ), d.address
                ),
            ]
            for (layout, address) in layouts {
                try arguments.append(TensorMap(layout, address: address, driver: gpu.driver))
            }
            try arguments.append(b.scales.address)
            try arguments.append(layout?.address ?? 0)
            for size in [m, n, k, groups] { try arguments.append(Int32(size)) }
            return LaunchConfiguration(
                grid: Dimensions(
                    multiprocessorCount / configuration.clusterSize * configuration.clusterSize
                ),
                block: Dimensions(configuration.threads),
                cluster: Dimensions(configuration.clusterSize),
                sharedMemoryByteCount: configuration.sharedByteCount,
                startsBeforePredecessorEnds: true
            )
        }
    }

    /// Launches the kernel for few rows.
    func swapped(
        _ configuration: SwappedConfiguration,
        _ a: DeviceQuantizedRows,
        _ b: DeviceQuantizedBlocks,
        _ d: DeviceTensor,
        _ shape: GEMMShape,
        on stream: borrowing CUDAStream
    ) throws {
        try run(
            DeepGEMMKernels.swapped(configuration),
            name: configuration.description,
            key: [
                a.values.address, a.scales.address, b.values.address, b.scales.address, d.address,
            ],
            sizes: [shape.m, shape.n, shape.k],
            on: stream
        ) { arguments in
            let layouts: [(TensorMapLayout, UInt64)] = [
                (
                    try a.values.matrixLayout(
                        boxRows: configuration.blockM,
                        boxColumns: 128,
                        swizzle: .bytes128
                    ), a.values.address
                ),
                (
                    try b.values.matrixLayout(
                        boxRows: configuration.blockN,
                        boxColumns: 128,
                        swizzle: .bytes128
                    ), b.values.address
                ),
                (scaleLayout(a, boxColumns: configuration.blockM), a.scales.address),
            ]
            for (layout, address) in layouts {
                try arguments.append(TensorMap(layout, address: address, driver: gpu.driver))
            }
            try arguments.append(b.scales.address)
            try arguments.append(d.address)
            for size in [shape.m, shape.n, shape.k] { try arguments.append(Int32(size)) }
            let tiles = (shape.n + configuration.blockN - 1) / configuration.blockN
            return LaunchConfiguration(
                grid: Dimensions(
                    tiles * configuration.split,
                    (shape.m + configuration.blockM - 1) / configuration.blockM
                ),
                block: Dimensions(configuration.threads),
                cluster: Dimensions(configuration.split),
                sharedMemoryByteCount: configuration.sharedByteCount,
                startsBeforePredecessorEnds: true
            )
        }
    }

    /// A's scales: the rows of one block of K are contiguous.
    private func scaleLayout(_ a: DeviceQuantizedRows, boxColumns: Int) -> TensorMapLayout {
        let (planes, rows, columns) = a.sizes
        return TensorMapLayout(
            .float32,
            extents: [rows, planes * ((columns + 127) / 128)],
            byteStrides: [(rows + 3) / 4 * 16],
            box: [boxColumns, 1]
        )
    }
}
