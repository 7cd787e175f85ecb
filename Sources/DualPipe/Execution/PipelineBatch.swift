import InfraCore
public import Tensors

/// Batches cut into chunks.
public enum PipelineBatch {
    /// Cuts tensors into equal parts along their first axis; the parts share memory.
    ///
    /// - Parameters:
    ///   - tensors: Each `[B, ...]` with the same B, a multiple of `count`.
    ///   - count: How many chunks.
    ///   - what: What the tensors are, for the error message.
    /// - Returns: One list a chunk.
    /// - Throws: ``PipelineErrorCode/invalidBatch`` if B does not divide.
    public static func chunks(
        of tensors: [HostTensor],
        count: Int,
        what: String = "inputs"
    ) throws -> [[HostTensor]] {
        for (index, tensor) in tensors.enumerated() {
            guard let rows = tensor.shape.first, rows.isMultiple(of: count), rows > 0 else {
                throw PipelineError(
                    .invalidBatch,
                    "\(what)[\(index)] has shape \(tensor.shape); \(count) chunks need a first "
                        + "axis that is a positive multiple of \(count)"
                )
            }
        }
        return try (0..<count).map { chunk in
            try tensors.map { tensor in
                let rows = tensor.shape[0] / count
                return try tensor.slice(axis: 0, from: chunk * rows, count: rows)
            }
        }
    }
}
