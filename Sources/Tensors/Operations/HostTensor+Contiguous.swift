import InfraCore

extension HostTensor {
    /// The same values in row-major order: this tensor if it already is, otherwise a copy.
    public func contiguous() -> HostTensor {
        if isContiguous { return self }
        let copy = HostTensor(uninitialized: shape, dtype: dtype)
        switch dtype.byteCount {
        case 1: copyElements(as: UInt8.self, to: copy.storage.base)
        case 2: copyElements(as: UInt16.self, to: copy.storage.base)
        case 4: copyElements(as: UInt32.self, to: copy.storage.base)
        default: copyElements(as: UInt64.self, to: copy.storage.base)
        }
        return copy
    }

    /// Copies matrix by matrix: the two innermost axes are the matrix, the others are counted up.
    private func copyElements<Word: BitwiseCopyable>(
        as type: Word.Type,
        to base: UnsafeMutableRawPointer
    ) {
        let source = (storage.base + byteOffset).assumingMemoryBound(to: Word.self)
        var target = base.assumingMemoryBound(to: Word.self)
        // A tensor of one axis counts as a matrix of one row.
        let shape = rank == 1 ? [1] + shape : shape
        let strides = rank == 1 ? [0] + strides : strides
        let outerAxes = shape.count - 2
        let rows = Axis(length: shape[outerAxes], stride: strides[outerAxes])
        let columns = Axis(length: shape[outerAxes + 1], stride: strides[outerAxes + 1])
        var index = [Int](repeating: 0, count: outerAxes)
        for _ in 0..<elementCount / (rows.length * columns.length) {
            let offset = zip(index, strides).reduce(0) { $0 + $1.0 * $1.1 }
            Self.copyMatrix(from: source + offset, rows, columns, to: target)
            target += rows.length * columns.length
            for axis in stride(from: outerAxes - 1, through: 0, by: -1) {
                index[axis] += 1
                if index[axis] < shape[axis] { break }
                index[axis] = 0
            }
        }
    }

    private struct Axis {
        var length: Int
        var stride: Int
    }

    @inline(__always)
    private static func copyMatrix<Word: BitwiseCopyable>(
        from source: UnsafePointer<Word>,
        _ rows: Axis,
        _ columns: Axis,
        to target: UnsafeMutablePointer<Word>
    ) {
        if columns.stride == 1 {
            for row in 0..<rows.length {
                (target + row * columns.length)
                    .update(from: source + row * rows.stride, count: columns.length)
            }
            return
        }
        // Tiles of 32 x 32: when rows and columns change places, each cache line of source and
        // target is used up before it is evicted.
        let tile = 32
        for firstRow in stride(from: 0, to: rows.length, by: tile) {
            let endRow = min(firstRow + tile, rows.length)
            for firstColumn in stride(from: 0, to: columns.length, by: tile) {
                let endColumn = min(firstColumn + tile, columns.length)
                for row in firstRow..<endRow {
                    let line = source + row * rows.stride
                    let output = target + row * columns.length
                    for column in firstColumn..<endColumn {
                        output[column] = line[column * columns.stride]
                    }
                }
            }
        }
    }
}
