public import InfraCore

/// A row is everything under one index of the first axis: `[N, ...]` has `N` rows.
extension HostTensor {
    /// The rows at the given places, in the given order: an embedding look-up, or the tokens an
    /// expert receives.
    ///
    /// - Parameter indices: Places along the first axis; repeats are allowed.
    /// - Returns: `[indices.count, ...]`, row-major.
    /// - Throws: ``TensorErrorCode/outOfRange`` for a place that is no row,
    ///   ``TensorErrorCode/shapeMismatch`` for a scalar.
    public func gatheringRows(_ indices: [Int]) throws(TensorError) -> HostTensor {
        let rowBytes = try checkRows(indices)
        let source = contiguous()
        var result = HostTensor(
            uninitialized: [indices.count] + shape.dropFirst(),
            dtype: dtype
        )
        result.withUnsafeMutableBytes { target in
            source.withUnsafeBytes { bytes in
                guard let from = bytes.baseAddress, let to = target.baseAddress else { return }
                for (row, index) in indices.enumerated() {
                    (to + row * rowBytes)
                        .copyMemory(from: from + index * rowBytes, byteCount: rowBytes)
                }
            }
        }
        return result
    }

    /// Replaces the rows at the given places.
    ///
    /// - Parameters:
    ///   - rows: `[indices.count, ...]`, of this tensor's dtype.
    ///   - indices: Where each row goes; of repeats, the last one stays.
    /// - Throws: ``TensorErrorCode/outOfRange`` for a place that is no row,
    ///   ``TensorErrorCode/shapeMismatch``, ``TensorErrorCode/dtypeMismatch``.
    public mutating func scatterRows(
        _ rows: HostTensor,
        at indices: [Int]
    ) throws(TensorError) {
        let rowBytes = try checkRows(indices, rows)
        let source = rows.contiguous()
        withUnsafeMutableBytes { target in
            source.withUnsafeBytes { bytes in
                guard let from = bytes.baseAddress, let to = target.baseAddress else { return }
                for (row, index) in indices.enumerated() {
                    (to + index * rowBytes)
                        .copyMemory(from: from + row * rowBytes, byteCount: rowBytes)
                }
            }
        }
    }

    /// Adds rows to those at the given places: an embedding's gradient, or expert outputs that
    /// return to their tokens. Adds in the order of `indices`, so results repeat bit for bit.
    ///
    /// - Parameters:
    ///   - rows: `[indices.count, ...]`, float32 as this tensor.
    ///   - indices: Where each row is added; repeats add up.
    /// - Throws: ``TensorErrorCode/outOfRange`` for a place that is no row,
    ///   ``TensorErrorCode/shapeMismatch``, ``TensorErrorCode/dtypeMismatch``.
    public mutating func addRows(_ rows: HostTensor, at indices: [Int]) throws(TensorError) {
        guard dtype == .float32 else {
            throw TensorError(
                .dtypeMismatch,
                "cannot add rows to \(dtype.rawValue); only F32 accumulates"
            )
        }
        let width = try checkRows(indices, rows) / dtype.byteCount
        let source = rows.contiguous()
        withUnsafeMutableElements(of: Float.self) { target in
            source.withUnsafeElements(of: Float.self) { values in
                guard let from = values.baseAddress, let to = target.baseAddress else { return }
                for (row, index) in indices.enumerated() {
                    let line = to + index * width
                    let added = from + row * width
                    for column in 0..<width { line[column] += added[column] }
                }
            }
        }
    }

    /// Checks places, and rows that are to go there.
    ///
    /// - Returns: The bytes of one row.
    private func checkRows(
        _ indices: [Int],
        _ rows: HostTensor? = nil
    ) throws(TensorError) -> Int {
        guard let rowCount = shape.first else {
            throw TensorError(.shapeMismatch, "a scalar has no rows; give it a first axis")
        }
        if let index = indices.first(where: { $0 < 0 || $0 >= rowCount }) {
            throw TensorError(
                .outOfRange,
                "row \(index) is asked for, but shape \(shape) has rows 0 to \(rowCount - 1)"
            )
        }
        if let rows {
            guard rows.dtype == dtype else {
                throw TensorError(
                    .dtypeMismatch,
                    "rows are \(rows.dtype.rawValue), but the tensor is \(dtype.rawValue); "
                        + "convert them first"
                )
            }
            guard rows.shape == [indices.count] + shape.dropFirst() else {
                throw TensorError(
                    .shapeMismatch,
                    "rows of shape \(rows.shape) were given; \(indices.count) rows of shape "
                        + "\(shape) have shape \([indices.count] + shape.dropFirst())"
                )
            }
        }
        return shape.dropFirst().reduce(dtype.byteCount, *)
    }
}
